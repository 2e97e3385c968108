package ai.falaj.benchmarks.engine;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;

/**
 * The least that a program over llama.cpp can do: prefill all prompts in full batches, then decode
 * all sequences together until each has its tokens, always taking the most likely one. No text, no
 * listeners, no arrivals: the limit that the scheduler is held against. Confined to one thread.
 */
final class BareLoop implements AutoCloseable {

  private final EngineLoad load;
  private final LlamaContext context;
  private final TokenBatch batch;
  private final int maxBatchTokens;

  BareLoop(LlamaModel model, EngineLoad load, ContextSettings settings)
      throws RuntimeLoadException {
    this.load = load;
    this.context = LlamaContext.create(model, settings);
    this.maxBatchTokens = settings.maxBatchTokens();
    this.batch = new TokenBatch(maxBatchTokens);
  }

  /** Runs one round and returns the tokens that every sequence generated. */
  int[][] run(int[][] prompts) {
    for (int sequence = 0; sequence < load.sequences(); sequence++) {
      context.clearSequence(sequence);
    }
    int[][] generated = new int[load.sequences()][load.newTokens()];
    prefill(prompts, generated);
    for (int step = 1; step < load.newTokens(); step++) {
      batch.clear();
      for (int sequence = 0; sequence < load.sequences(); sequence++) {
        batch.add(generated[sequence][step - 1], load.promptTokens() + step - 1, sequence, true);
      }
      decode();
      for (int sequence = 0; sequence < load.sequences(); sequence++) {
        generated[sequence][step] = mostLikely(context.logits(sequence));
      }
    }
    return generated;
  }

  @Override
  public void close() {
    batch.close();
    context.close();
  }

  /** Whole prompts, as many as fit into a batch. */
  private void prefill(int[][] prompts, int[][] generated) {
    int promptsPerBatch = Math.max(1, maxBatchTokens / load.promptTokens());
    for (int first = 0; first < load.sequences(); first += promptsPerBatch) {
      int end = Math.min(load.sequences(), first + promptsPerBatch);
      batch.clear();
      for (int sequence = first; sequence < end; sequence++) {
        for (int position = 0; position < load.promptTokens(); position++) {
          batch.add(
              prompts[sequence][position], position, sequence, position == load.promptTokens() - 1);
        }
      }
      decode();
      for (int sequence = first; sequence < end; sequence++) {
        generated[sequence][0] = mostLikely(context.logits(sequence - first));
      }
    }
  }

  private void decode() {
    int code = context.decode(batch);
    if (code != 0) {
      throw new IllegalStateException("llama_decode returned " + code + " in the bare loop");
    }
  }

  private static int mostLikely(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }
}
