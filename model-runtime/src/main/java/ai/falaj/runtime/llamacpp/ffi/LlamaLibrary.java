package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;

/**
 * The functions of {@code libllama} that Falaj calls, direct-mapped by {@link LlamaBackend}. Names
 * are those of the C API. Any thread may call {@code llama_tokenize} and {@code
 * llama_token_to_piece}; all else belongs to the thread that owns the object. C {@code bool} is a
 * byte here: JNA's own mapping of {@code boolean} reads 32 bits.
 */
final class LlamaLibrary {

  private LlamaLibrary() {}

  static native String llama_version();

  static native void llama_backend_init();

  static native void llama_log_set(Pointer callback, Pointer userData);

  static native Structs.ModelParams llama_model_default_params();

  static native Structs.ContextParams llama_context_default_params();

  static native Pointer llama_model_load_from_file(byte[] path, Structs.ModelParams params);

  static native void llama_model_free(Pointer model);

  static native Pointer llama_init_from_model(Pointer model, Structs.ContextParams params);

  static native void llama_free(Pointer context);

  static native long llama_max_parallel_sequences();

  static native int llama_n_ctx_seq(Pointer context);

  static native int llama_n_threads(Pointer context);

  static native int llama_n_threads_batch(Pointer context);

  static native Pointer llama_get_memory(Pointer context);

  static native Pointer llama_model_get_vocab(Pointer model);

  static native int llama_model_n_ctx_train(Pointer model);

  static native byte llama_model_has_encoder(Pointer model);

  static native byte llama_model_has_decoder(Pointer model);

  static native byte llama_model_is_recurrent(Pointer model);

  static native byte llama_model_is_hybrid(Pointer model);

  static native byte llama_model_is_diffusion(Pointer model);

  static native long llama_model_size(Pointer model);

  static native Pointer llama_model_chat_template(Pointer model, Pointer name);

  static native int llama_vocab_n_tokens(Pointer vocab);

  static native int llama_vocab_get_attr(Pointer vocab, int token);

  static native byte llama_vocab_is_eog(Pointer vocab, int token);

  static native int llama_tokenize(
      Pointer vocab,
      byte[] text,
      int textLength,
      int[] tokens,
      int maxTokens,
      byte addSpecial,
      byte parseSpecial);

  static native int llama_token_to_piece(
      Pointer vocab, int token, byte[] buffer, int length, int lstrip, byte special);

  static native int llama_chat_apply_template(
      byte[] template,
      Pointer messages,
      long messageCount,
      byte addAssistant,
      byte[] buffer,
      int length);

  static native void llama_memory_clear(Pointer memory, byte data);

  static native byte llama_memory_seq_rm(
      Pointer memory, int sequence, int fromPosition, int toPosition);

  static native void llama_memory_seq_cp(
      Pointer memory, int fromSequence, int toSequence, int fromPosition, int toPosition);

  static native int llama_decode(Pointer context, Structs.Batch batch);

  static native Pointer llama_get_logits(Pointer context);

  static native long llama_state_seq_get_size(Pointer context, int sequence);

  static native long llama_state_seq_get_data(
      Pointer context, Pointer destination, long size, int sequence);

  static native long llama_state_seq_set_data(
      Pointer context, Pointer source, long size, int sequence);

  /** {@code ggml_log_callback}. */
  interface LogCallback extends Callback {
    void log(int level, String text, Pointer userData);
  }

  /** Functions of {@code libggml}: its end, and the registry of compute backends. */
  static final class Ggml {
    private Ggml() {}

    /** Returns the callback that was set before, or null. */
    static native Pointer ggml_set_abort_callback(Pointer callback);

    static native void ggml_backend_load_all_from_path(byte[] directory);

    static native long ggml_backend_dev_count();

    static native Pointer ggml_backend_dev_get(long index);

    static native String ggml_backend_dev_name(Pointer device);

    static native String ggml_backend_dev_description(Pointer device);

    static native int ggml_backend_dev_type(Pointer device);

    static native void ggml_backend_dev_memory(
        Pointer device, LongByReference free, LongByReference total);
  }

  /** {@code ggml_abort_callback_t}. */
  interface AbortCallback extends Callback {
    void abort(String message);
  }

  /** {@code llama_progress_callback}; the result is a C {@code bool}. */
  interface ProgressCallback extends Callback {
    byte progress(float fraction, Pointer userData);
  }

  static native void llama_set_warmup(Pointer context, byte warmup);

  static native Pointer llama_adapter_lora_init(Pointer model, byte[] path);

  static native void llama_adapter_lora_free(Pointer adapter);

  static native int llama_set_adapters_lora(
      Pointer context, Pointer adapters, long count, Pointer scales);

  // Grammars.

  /** NULL if the grammar cannot be read. */
  static native Pointer llama_sampler_init_grammar(Pointer vocab, byte[] grammar, byte[] root);

  /** Sets logits of {@code struct llama_token_data_array} to negative infinity. */
  static native void llama_sampler_apply(Pointer sampler, Pointer candidates);

  static native void llama_sampler_free(Pointer sampler);

  /** Ends the process if a grammar does not allow the token. */
  static native void llama_sampler_accept(Pointer sampler, int token);
}
