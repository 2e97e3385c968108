package ai.falaj.jobs.completion;

import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import org.apache.flink.configuration.ReadableConfig;

/** The runtime that a job's options name. Nothing is loaded or looked up here. */
public final class ModelSpecs {

  private ModelSpecs() {}

  /**
   * @throws IllegalArgumentException with one line that names the value and the remedy
   */
  public static RuntimeSpec fromOptions(ReadableConfig config) {
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder(
            CompletionSettings.required(
                config, CompletionOptions.MODEL, "smollm2-135m-instruct or /models/my.gguf"));
    config.getOptional(CompletionOptions.MODEL_NAME).ifPresent(spec::model);
    config.getOptional(CompletionOptions.CHAT_TEMPLATE).ifPresent(spec::chatTemplate);
    spec.contextTokensPerSequence(config.get(CompletionOptions.CONTEXT_TOKENS));
    spec.maxSequences(config.get(CompletionOptions.MAX_SEQUENCES));
    config.getOptional(CompletionOptions.THREADS).ifPresent(spec::threads);
    config.getOptional(CompletionOptions.GPU_LAYERS).ifPresent(spec::gpuLayers);
    return spec.build();
  }
}
