package ai.falaj.runtime;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A prompt with everything that decides its completion.
 *
 * @param requestId for logs and errors; need not be unique in the runtime
 * @param model must be the runtime's model name where present
 * @param priority higher is served earlier
 * @param deadlineEpochMs when the completion stops being of use, in milliseconds since the epoch
 * @param ignoreEndOfSequence generate {@code maxTokens} tokens whatever the model says. For
 *     benchmarks
 */
public record GenerationRequest(
    String requestId,
    Optional<String> model,
    Prompt prompt,
    SamplingParameters sampling,
    int priority,
    OptionalLong deadlineEpochMs,
    boolean ignoreEndOfSequence) {

  public GenerationRequest {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(deadlineEpochMs, "deadlineEpochMs");
  }

  /** A request of normal priority without a deadline, for whatever model is loaded. */
  public static GenerationRequest of(String requestId, Prompt prompt, SamplingParameters sampling) {
    return new GenerationRequest(
        requestId, Optional.empty(), prompt, sampling, 0, OptionalLong.empty(), false);
  }
}
