package ai.falaj.operators;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Takes requests in, new ones and those of a checkpoint: what cannot be asked becomes a dead
 * letter, what was seen before is not asked again, all others are in flight from here on. Confined
 * to the task mailbox thread.
 */
final class RequestIntake {

  private final RequestMapper mapper;
  private final Optional<SeenRequests> seen;
  private final Optional<SharedAnswers> shared;
  private final Optional<String> modelSha256;
  private final OvertakingCancellations overtakers;
  private final InFlightRequests inFlight;
  private final CompletionQueue<ActiveRequest> queue;
  private final Turns turns;
  private final OutputEmitter emitter;
  private final InferenceMetrics metrics;
  private final LongSupplier clockMs;
  private final int firstAttempt;

  /**
   * @param seen empty: repeats count as new
   * @param shared empty: equal requests are asked each by itself
   * @param modelSha256 of the model that answers, whose answers alone are used again
   * @param firstAttempt of all requests of this run of the job
   */
  RequestIntake(
      RequestMapper mapper,
      Optional<SeenRequests> seen,
      Optional<SharedAnswers> shared,
      Optional<String> modelSha256,
      OvertakingCancellations overtakers,
      InFlightRequests inFlight,
      CompletionQueue<ActiveRequest> queue,
      Turns turns,
      OutputEmitter emitter,
      InferenceMetrics metrics,
      LongSupplier clockMs,
      int firstAttempt) {
    this.mapper = mapper;
    this.seen = seen;
    this.shared = shared;
    this.modelSha256 = modelSha256;
    this.overtakers = overtakers;
    this.inFlight = inFlight;
    this.queue = queue;
    this.turns = turns;
    this.emitter = emitter;
    this.metrics = metrics;
    this.clockMs = clockMs;
    this.firstAttempt = firstAttempt;
  }

  /** Takes what a client asked for; on a keyed stream its key is the current one. */
  void take(PromptRecord record, PromptRequest request, OptionalLong timestampMs) throws Exception {
    GenerationRequest generation;
    try {
      generation = mapper.map(request, record.origin());
    } catch (RejectedRequestException rejected) {
      emitter.deadLetter(record, timestampMs, rejected.code(), rejected.getMessage(), 0);
      return;
    }
    if (seen.isPresent()) {
      Optional<SeenRequest> known = seen.get().find(request.getRequestId(), record.retries());
      if (known.isPresent()) {
        takeRepeat(record, timestampMs, known.get());
        return;
      }
      seen.get().accepted(request.getRequestId(), record.retries());
    }
    if (shared.isPresent()) {
      Optional<Completion> answer = shared.get().known(request.getRequestId(), modelSha256);
      if (answer.isPresent()) {
        metrics.repeated();
        takeEnded(record, timestampMs, clockMs.getAsLong(), answer.get(), true);
        return;
      }
    }
    ActiveRequest accepted =
        new ActiveRequest(
            record,
            generation,
            timestampMs,
            clockMs.getAsLong(),
            mapper.estimateTokens(generation),
            firstAttempt);
    accepted.cancelled = overtakers.cancel(record);
    add(accepted);
    start(accepted);
  }

  /** While the first of them is in flight, its completion is the answer to both. */
  private void takeRepeat(PromptRecord record, OptionalLong timestampMs, SeenRequest known)
      throws Exception {
    metrics.repeated();
    if (known.completion().isPresent()) {
      takeEnded(record, timestampMs, clockMs.getAsLong(), known.completion().get(), true);
    }
  }

  /**
   * Takes what a checkpoint held.
   *
   * @return false where it cannot be asked any more, and became a dead letter
   */
  boolean restore(InFlightRequest state) throws Exception {
    if (state.completion().isPresent()) {
      takeEnded(
          state.prompt(),
          state.elementTimestampMs(),
          state.receivedAtMs(),
          state.completion().get(),
          state.repeated());
      return true;
    }
    PromptRecord.Request content = (PromptRecord.Request) state.prompt().content();
    GenerationRequest generation;
    try {
      generation = mapper.map(content.request(), state.prompt().origin());
    } catch (RejectedRequestException rejected) {
      // The job's model or limits changed between the savepoint and now.
      emitter.deadLetter(
          state.prompt(),
          state.elementTimestampMs(),
          rejected.code(),
          rejected.getMessage(),
          state.generations());
      return false;
    }
    ActiveRequest request =
        new ActiveRequest(
            state.prompt(),
            generation,
            state.elementTimestampMs(),
            state.receivedAtMs(),
            mapper.estimateTokens(generation),
            Math.max(state.attempt() + 1, firstAttempt));
    request.resumeFrom(state);
    add(request);
    start(request);
    return true;
  }

  /** It follows an equal one that is in flight, or begins when it is its turn. */
  private void start(ActiveRequest request) throws Exception {
    if (shared.isPresent() && shared.get().follows(request)) {
      metrics.repeated();
      inFlight.park(request);
    } else {
      turns.start(request);
    }
  }

  /**
   * Takes a request whose completion is known and only waits for its turn: whether it could be
   * asked now does not matter.
   *
   * @param repeated whether the completion was published before
   */
  private void takeEnded(
      PromptRecord prompt,
      OptionalLong timestampMs,
      long receivedAtMs,
      Completion completion,
      boolean repeated)
      throws Exception {
    GenerationRequest over =
        GenerationRequest.of(
            completion.getRequestId(), new Prompt.Raw(""), SamplingParameters.defaults());
    ActiveRequest request =
        new ActiveRequest(prompt, over, timestampMs, receivedAtMs, 0, firstAttempt);
    request.state = ActiveRequest.State.ENDED;
    request.completion = Optional.of(completion);
    request.isRepeat = repeated;
    add(request);
    if (!repeated) {
      turns.startEnded(request);
    }
    queue.complete(request.place);
  }

  private void add(ActiveRequest request) {
    inFlight.add(request);
    request.place = queue.add(request, request.prompt.key());
  }
}
