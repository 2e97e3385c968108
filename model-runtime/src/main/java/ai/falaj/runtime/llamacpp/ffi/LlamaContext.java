package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.Pointer;
import java.util.List;

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
  private final List<BufferSize> buffers;
  private Pointer logitsPointer;
  private boolean closed;

  private LlamaContext(
      Pointer pointer, ContextSettings settings, int vocabularySize, List<BufferSize> buffers) {
    this.buffers = buffers;
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
          NativeLog.capture(() -> LlamaLibrary.llama_init_from_model(model.pointer(), params));
    } catch (Exception e) {
      throw new RuntimeLoadException("cannot create a context of " + settings, e);
    }
    if (created.value() == null) {
      throw new RuntimeLoadException(
          "llama.cpp cannot create a context of " + settings + ": " + created.lastError());
    }
    LlamaContext context =
        new LlamaContext(created.value(), settings, model.vocabulary().size(), created.buffers());
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

  /** Memory that the context took when it was created: KV entries, logits, compute buffers. */
  public List<BufferSize> buffers() {
    return buffers;
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

  /** Forgets all tokens of all sequences. */
  public void clear() {
    LlamaLibrary.llama_memory_clear(memory, (byte) 0);
  }

  /** Forgets all tokens of a sequence. */
  public void clearSequence(int sequence) {
    requireSequence(sequence);
    LlamaLibrary.llama_memory_seq_rm(memory, sequence, -1, -1);
  }

  /** Forgets a sequence's tokens from a position on. */
  public void trimSequence(int sequence, int keepTokens) {
    requireSequence(sequence);
    if (keepTokens < 0) {
      throw new IllegalArgumentException("cannot keep " + keepTokens + " tokens");
    }
    if (LlamaLibrary.llama_memory_seq_rm(memory, sequence, keepTokens, -1) == 0) {
      throw new IllegalStateException(
          "llama.cpp could not forget the tokens of sequence %d from %d on"
              .formatted(sequence, keepTokens));
    }
  }

  /**
   * Makes a sequence hold the first tokens of another one and nothing else. In a shared pool both
   * refer to the same entries.
   *
   * <p>Between buffers of their own, {@code llama_memory_seq_cp} copies the whole buffer, and only
   * with the next decode; what is used of it is copied here through memory of the process.
   *
   * @throws KvCacheException if llama.cpp has no room for them
   */
  public void copySequence(int from, int to, int tokens) throws KvCacheException {
    requireSequence(from);
    if (settings.sharedPoolTokens().isPresent()) {
      clearSequence(to);
      LlamaLibrary.llama_memory_seq_cp(memory, from, to, 0, tokens);
      return;
    }
    try (SequenceState state = saveSequence(from)) {
      restoreSequence(state, to, tokens);
    }
  }

  /**
   * Copies the KV entries of a sequence out of the context.
   *
   * @throws KvCacheException if llama.cpp does not give them
   */
  public SequenceState saveSequence(int sequence) throws KvCacheException {
    requireSequence(sequence);
    long bytes = LlamaLibrary.llama_state_seq_get_size(pointer(), sequence);
    SequenceState state = new SequenceState(bytes);
    long written = LlamaLibrary.llama_state_seq_get_data(pointer, state.memory(), bytes, sequence);
    if (written != bytes) {
      state.close();
      throw new KvCacheException(
          "llama.cpp saved %d of %d bytes of sequence %d".formatted(written, bytes, sequence));
    }
    return state;
  }

  /**
   * Makes a sequence hold the first tokens of what was saved and nothing else.
   *
   * @throws KvCacheException if llama.cpp has no room for them
   */
  public void restoreSequence(SequenceState state, int sequence, int tokens)
      throws KvCacheException {
    requireSequence(sequence);
    long bytes = state.bytes();
    long read = LlamaLibrary.llama_state_seq_set_data(pointer(), state.memory(), bytes, sequence);
    if (read != bytes) {
      clearSequence(sequence);
      throw new KvCacheException(
          "llama.cpp restored %d of %d bytes into sequence %d".formatted(read, bytes, sequence));
    }
    trimSequence(sequence, tokens);
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
