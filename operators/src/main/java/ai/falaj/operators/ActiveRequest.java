package ai.falaj.operators;

import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.IntStream;

/**
 * A request between its acceptance and its result. Confined to the task mailbox thread.
 *
 * <p>It is WAITING for room in the runtime, RUNNING there (which includes the runtime's own waiting
 * queue), BACKING_OFF after a failure, and ENDED when its result is known; an ended request may
 * still wait for its turn to leave.
 */
final class ActiveRequest {

  enum State {
    WAITING,
    RUNNING,
    BACKING_OFF,
    ENDED
  }

  final PromptRecord prompt;
  final GenerationRequest generation;
  final OptionalLong elementTimestampMs;
  final long receivedAtMs;

  /** Estimated tokens of prompt and answer. */
  final long tokenCost;

  /** As many as the request asked for, by index. */
  final List<ActiveSample> samples;

  State state = State.WAITING;

  /** Of the generation that goes on or comes next; grows over restarts of the job too. */
  int attempt;

  /** How often the runtime accepted it. */
  int generations;

  int failures;
  boolean cancelled;
  long submittedAtMs;
  boolean firstTokenSeen;
  GenerationHandle handle;
  ScheduledFuture<?> retryTimer;
  CompletionQueue.Entry<ActiveRequest> place;

  /** Empty in an ended request: it became a dead letter. */
  Optional<Completion> completion = Optional.empty();

  ActiveRequest(
      PromptRecord prompt,
      GenerationRequest generation,
      OptionalLong elementTimestampMs,
      long receivedAtMs,
      long tokenCost,
      int attempt) {
    this.prompt = prompt;
    this.generation = generation;
    this.elementTimestampMs = elementTimestampMs;
    this.receivedAtMs = receivedAtMs;
    this.tokenCost = tokenCost;
    this.attempt = attempt;
    this.samples = IntStream.range(0, generation.samples()).mapToObj(ActiveSample::new).toList();
  }

  PromptRequest request() {
    return ((PromptRecord.Request) prompt.content()).request();
  }

  String requestId() {
    return generation.requestId();
  }

  Optional<String> tenant() {
    return Optional.ofNullable(request().getTenant());
  }

  /**
   * @throws IllegalStateException when the request asked for no such sample
   */
  ActiveSample sample(int index) {
    if (index < 0 || index >= samples.size()) {
      throw new IllegalStateException(
          "the runtime told of sample %d of %d: %s".formatted(index, samples.size(), this));
    }
    return samples.get(index);
  }

  /** Forgets what the last generation made, before the next one. */
  void startNextAttempt() {
    attempt++;
    samples.forEach(ActiveSample::restart);
  }

  InFlightRequest snapshot() {
    return new InFlightRequest(
        prompt,
        elementTimestampMs,
        receivedAtMs,
        attempt,
        generations,
        failures,
        cancelled,
        completion.isPresent() ? List.of() : samples.stream().map(ActiveSample::progress).toList(),
        completion);
  }

  @Override
  public String toString() {
    return "request %s of %s, %s, attempt %d, %d failures, %d tokens of %d samples"
        .formatted(
            requestId(),
            prompt.origin(),
            state,
            attempt,
            failures,
            samples.stream().mapToInt(ActiveSample::tokens).sum(),
            samples.size());
  }
}
