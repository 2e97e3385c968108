package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import java.time.Duration;

/**
 * Decodes two small batches before anyone waits for them, so that the first request does not pay
 * for reading mapped weights from disk and for the first allocation of graphs. Leaves no token
 * behind.
 */
public final class WarmUp {

  private static final int PROMPT_TOKENS = 16;
  private static final int ANY_TOKEN = 0;
  private static final int SEQUENCE = 0;

  private WarmUp() {}

  /**
   * On the context's own thread.
   *
   * @param batch must have room for one token at least; empty afterwards
   * @return how long it took
   * @throws RuntimeLoadException if the model cannot compute even that
   */
  public static Duration run(LlamaContext context, TokenBatch batch, int maxBatchTokens)
      throws RuntimeLoadException {
    long startNanos = System.nanoTime();
    // All experts of a mixture take part, so that all weights are touched.
    LlamaLibrary.llama_set_warmup(context.pointer(), (byte) 1);
    decode(context, batch, 1);
    LlamaLibrary.llama_set_warmup(context.pointer(), (byte) 0);
    decode(context, batch, Math.min(PROMPT_TOKENS, maxBatchTokens));
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private static void decode(LlamaContext context, TokenBatch batch, int tokens)
      throws RuntimeLoadException {
    batch.clear();
    for (int position = 0; position < tokens; position++) {
      batch.add(ANY_TOKEN, position, SEQUENCE, position == tokens - 1);
    }
    int code = context.decode(batch);
    context.clearSequence(SEQUENCE);
    batch.clear();
    if (code != 0) {
      throw new RuntimeLoadException(
          "the model cannot compute: llama_decode returned %d for %d tokens; lower falaj.runtime.context-tokens or falaj.runtime.max-sequences"
              .formatted(code, tokens));
    }
  }
}
