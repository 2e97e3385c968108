package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.Pointer;

/**
 * A model's KV cache and compute buffers: where tokens become logits. Confined to one thread.
 *
 * <p>Where every sequence has a KV buffer of its own ({@code kv_unified} off), 16 sequences of 256
 * tokens decode 1.6 times as fast as over one shared pool; the pool holds more sequences in the
 * same memory.
 */
public final class LlamaContext implements AutoCloseable {

  /** What llama.cpp may add when it rounds each of 256 sequences up to a multiple of 256. */
  private static final int MAX_ROUNDING_TOKENS = 256 * 256;

  private final Pointer pointer;
  private final Pointer memory;
  private final ContextSettings settings;
  private final float[] logitsRow;
  private Pointer logitsPointer;
  private boolean closed;

  private LlamaContext(Pointer pointer, ContextSettings settings, int vocabularySize) {
    this.pointer = pointer;
    this.memory = LlamaLibrary.llama_get_memory(pointer);
    this.settings = settings;
    this.logitsRow = new float[vocabularySize];
  }

  /**
   * @throws RuntimeLoadException with llama.cpp's own reason, often memory
   */
  public static LlamaContext create(LlamaModel model, ContextSettings settings)
      throws RuntimeLoadException {
    requireSizes(settings);
    Structs.ContextParams params = params(settings);
    NativeLog.Captured<Pointer> created;
    try {
      created =
          NativeLog.lastErrorOf(() -> LlamaLibrary.llama_init_from_model(model.pointer(), params));
    } catch (Exception e) {
      throw new RuntimeLoadException("cannot create a context of " + settings, e);
    }
    if (created.value() == null) {
      throw new RuntimeLoadException(
          "llama.cpp cannot create a context of " + settings + ": " + created.lastError());
    }
    LlamaContext context = new LlamaContext(created.value(), settings, model.vocabulary().size());
    context.requireThreads();
    return context;
  }

  private static void requireSizes(ContextSettings settings) throws RuntimeLoadException {
    long mostSequences = LlamaLibrary.llama_max_parallel_sequences();
    if (settings.maxSequences() < 1 || settings.maxSequences() > mostSequences) {
      throw new RuntimeLoadException(
          "max sequences is %d; llama.cpp allows 1 to %d"
              .formatted(settings.maxSequences(), mostSequences));
    }
    if (settings.kvTokens() > Integer.MAX_VALUE - MAX_ROUNDING_TOKENS) {
      throw new RuntimeLoadException(
          "%d sequences of %d context tokens are more than llama.cpp can address; lower one of them"
              .formatted(settings.maxSequences(), settings.contextTokensPerSequence()));
    }
  }

  /**
   * {@code n_outputs_max_per_seq} stays at its default of 1: it bounds only samplers that run
   * inside the compute graph, and Falaj's run outside.
   */
  private static Structs.ContextParams params(ContextSettings settings) {
    Structs.ContextParams params = LlamaLibrary.llama_context_default_params();
    params.nCtx = (int) settings.kvTokens();
    params.kvUnified = (byte) (settings.sharedPoolTokens().isPresent() ? 1 : 0);
    params.nBatch = settings.maxBatchTokens();
    params.nUbatch = settings.microBatchTokens();
    params.nSeqMax = settings.maxSequences();
    params.nOutputsMax = settings.maxOutputs();
    params.nThreads = settings.threads();
    params.nThreadsBatch = settings.threads();
    params.typeK = settings.keyType();
    params.typeV = settings.valueType();
    settings
        .rope()
        .ifPresent(
            rope -> {
              params.ropeScalingType = rope.scalingType();
              params.ropeFreqScale = (float) (1 / rope.factor());
              params.yarnOrigCtx = rope.originalContextTokens();
            });
    return params;
  }

  /** KV entries of one sequence, as llama.cpp rounded them. */
  public int contextTokensPerSequence() {
    return LlamaLibrary.llama_n_ctx_seq(pointer());
  }

  /**
   * Computes a batch.
   *
   * @return 0 if all was computed, else llama.cpp's code; the sequences of the batch are then
   *     unusable until they are cleared
   */
  public int decode(TokenBatch batch) {
    if (batch.tokenCount() < 1 || batch.tokenCount() > settings.maxBatchTokens()) {
      throw new IllegalArgumentException(
          "a batch has %d tokens; it must have 1 to %d"
              .formatted(batch.tokenCount(), settings.maxBatchTokens()));
    }
    if (batch.outputCount() > settings.maxOutputs()) {
      throw new IllegalArgumentException(
          "a batch wants %d rows of logits; at most %d fit"
              .formatted(batch.outputCount(), settings.maxOutputs()));
    }
    logitsPointer = null;
    return LlamaLibrary.llama_decode(pointer(), batch.struct());
  }

  /**
   * Logits of one output token of the last batch, one per token of the vocabulary. The array is
   * reused by the next call.
   *
   * @param row as {@link TokenBatch#add} returned it
   */
  public float[] logits(int row) {
    if (logitsPointer == null) {
      logitsPointer = LlamaLibrary.llama_get_logits(pointer());
    }
    logitsPointer.read(4L * logitsRow.length * row, logitsRow, 0, logitsRow.length);
    return logitsRow;
  }

  /** Forgets all tokens of a sequence. */
  public void clearSequence(int sequence) {
    requireSequence(sequence);
    LlamaLibrary.llama_memory_seq_rm(memory, sequence, -1, -1);
  }

  /**
   * Copies all tokens of one sequence over another, and forgets the first. The bytes move with the
   * next decode.
   */
  public void moveSequence(int from, int to) {
    requireSequence(from);
    requireSequence(to);
    LlamaLibrary.llama_memory_seq_cp(memory, from, to, -1, -1);
    LlamaLibrary.llama_memory_seq_rm(memory, from, -1, -1);
  }

  /** Frees the buffers. Calling it again does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LlamaLibrary.llama_free(pointer);
    }
  }

  Pointer pointer() {
    if (closed) {
      throw new IllegalStateException("the context is closed");
    }
    return pointer;
  }

  private void requireThreads() {
    int threads = LlamaLibrary.llama_n_threads(pointer);
    int batchThreads = LlamaLibrary.llama_n_threads_batch(pointer);
    if (threads != settings.threads() || batchThreads != settings.threads()) {
      close();
      throw new IllegalStateException(
          "asked llama.cpp for %d threads, it took %d and %d"
              .formatted(settings.threads(), threads, batchThreads));
    }
  }

  private void requireSequence(int sequence) {
    if (sequence < 0 || sequence >= settings.maxSequences()) {
      throw new IllegalArgumentException(
          "sequence " + sequence + " is not one of " + settings.maxSequences());
    }
  }
}
