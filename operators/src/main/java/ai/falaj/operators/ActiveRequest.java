package ai.falaj.operators;

import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Resumption;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.Arrays;
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
 * still wait for its turn to leave. Each submission that follows a failure is an attempt of its
 * own, given the tokens that the one before made.
 */
final class ActiveRequest {

  enum State {
    WAITING,
    RUNNING,
    BACKING_OFF,
    ENDED
  }

  final PromptRecord prompt;

  /** What was asked for, without what is there of it already: {@link #nextGeneration}. */
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

  /** Its completion was published before, for a request that came earlier. */
  boolean isRepeat;

  /** The runtime may still tell of this attempt and of those before; nobody listens. */
  int abandonedAttempt;

  /** Whether the circuit breaker waits for what becomes of it. */
  boolean isProbe;

  long submittedAtMs;

  /** Milliseconds since the epoch; of the first generation that made one. */
  OptionalLong firstTokenAtMs = OptionalLong.empty();

  /** Of the model that the samples' tokens are from. */
  Optional<String> modelSha256 = Optional.empty();

  GenerationHandle handle;

  /** Null until its first token. */
  TenantMetrics.Tokens tenantTokens;

  ScheduledFuture<?> retryTimer;
  ScheduledFuture<?> attemptTimer;
  ScheduledFuture<?> totalTimer;
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
    this.samples =
        generation.samples() == 1
            ? List.of(new ActiveSample(0))
            : IntStream.range(0, generation.samples()).mapToObj(ActiveSample::new).toList();
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

  /** The next generation goes on from what the last one made. */
  void resumeAsNextAttempt() {
    attempt++;
    samples.forEach(sample -> sample.resume(sample.progress()));
  }

  /** The next generation begins without anything. */
  void startOverAsNextAttempt() {
    attempt++;
    modelSha256 = Optional.empty();
    samples.forEach(ActiveSample::startOver);
  }

  /** Goes on from what a checkpoint held. */
  void resumeFrom(InFlightRequest state) {
    generations = state.generations();
    failures = state.failures();
    cancelled = state.cancelled();
    firstTokenAtMs = state.firstTokenAtMs();
    modelSha256 = state.modelSha256();
    if (state.samples().size() == samples.size()) {
      for (ActiveSample sample : samples) {
        sample.resume(state.samples().get(sample.index));
      }
    }
  }

  boolean hasTokens() {
    for (ActiveSample sample : samples) {
      if (sample.tokens() > 0) {
        return true;
      }
    }
    return false;
  }

  void cancelTimers() {
    for (ScheduledFuture<?> timer : Arrays.asList(retryTimer, attemptTimer, totalTimer)) {
      if (timer != null) {
        timer.cancel(false);
      }
    }
  }

  /** What to submit: the request, and what there is of its answer. */
  GenerationRequest nextGeneration() {
    if (!hasTokens()) {
      return generation;
    }
    return generation.resumed(
        new Resumption(modelSha256, samples.stream().map(ActiveSample::resumption).toList()));
  }

  InFlightRequest snapshot() {
    return new InFlightRequest(
        prompt,
        elementTimestampMs,
        receivedAtMs,
        firstTokenAtMs,
        attempt,
        generations,
        failures,
        cancelled,
        modelSha256,
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
