package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.SamplingParameters;
import com.sun.jna.Pointer;

/**
 * Chooses the next token of one sequence. Holds that sequence's random state, so its choices do not
 * depend on what else is in the batch. Confined to the thread that decodes.
 */
public sealed interface TokenSampler extends AutoCloseable {

  /**
   * Chooses from the last batch.
   *
   * @param batchIndex index of the token in the batch whose logits decide
   * @param row of that token's logits, as {@link TokenBatch#add} returned it
   */
  int sample(LlamaContext context, int batchIndex, int row);

  @Override
  void close();

  /**
   * @param seed unsigned 32-bit
   */
  static TokenSampler of(SamplingParameters sampling, long seed, Vocabulary vocabulary) {
    boolean penalties = sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0;
    return sampling.isGreedy() && !penalties
        ? new Greedy()
        : new Chain(sampling, seed, vocabulary, penalties);
  }

  /**
   * The most likely token, the first of equals, read straight from the logits. llama.cpp's own
   * greedy sampler chooses the same but first copies the logits into candidates, which at large
   * vocabularies costs more than the search.
   */
  final class Greedy implements TokenSampler {

    private Greedy() {}

    @Override
    public int sample(LlamaContext context, int batchIndex, int row) {
      return indexOfMaximum(context.logits(row));
    }

    static int indexOfMaximum(float[] values) {
      int best = 0;
      float maximum = values[0];
      for (int index = 1; index < values.length; index++) {
        if (values[index] > maximum) {
          maximum = values[index];
          best = index;
        }
      }
      return best;
    }

    @Override
    public void close() {}
  }

  /** llama.cpp's sampler chain: penalties, top-k, top-p, min-p, temperature, then a seeded draw. */
  final class Chain implements TokenSampler {

    /** OpenAI's penalties look at the whole completion; llama.cpp wants a bound. */
    private static final int PENALTY_LAST_TOKENS = 4096;

    private static final float NO_REPEAT_PENALTY = 1f;

    private final Pointer chain;
    private boolean closed;

    private Chain(
        SamplingParameters sampling, long seed, Vocabulary vocabulary, boolean penalties) {
      chain = LlamaLibrary.llama_sampler_chain_init((byte) 1);
      if (penalties) {
        add(
            LlamaLibrary.llama_sampler_init_penalties(
                vocabulary.size(),
                PENALTY_LAST_TOKENS,
                NO_REPEAT_PENALTY,
                (float) sampling.frequencyPenalty(),
                (float) sampling.presencePenalty()));
      }
      if (sampling.isGreedy()) {
        add(LlamaLibrary.llama_sampler_init_greedy());
        return;
      }
      if (sampling.topK() > 0) {
        add(LlamaLibrary.llama_sampler_init_top_k(sampling.topK()));
      }
      if (sampling.topP() < 1) {
        add(LlamaLibrary.llama_sampler_init_top_p((float) sampling.topP(), 1));
      }
      if (sampling.minP() > 0) {
        add(LlamaLibrary.llama_sampler_init_min_p((float) sampling.minP(), 1));
      }
      add(LlamaLibrary.llama_sampler_init_temp((float) sampling.temperature()));
      add(LlamaLibrary.llama_sampler_init_dist((int) seed));
    }

    @Override
    public int sample(LlamaContext context, int batchIndex, int row) {
      return LlamaLibrary.llama_sampler_sample(chain, context.pointer(), batchIndex);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        LlamaLibrary.llama_sampler_free(chain);
      }
    }

    private void add(Pointer sampler) {
      LlamaLibrary.llama_sampler_chain_add(chain, sampler);
    }
  }
}
