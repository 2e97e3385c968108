package ai.falaj.operators;

import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;

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

  final ChunkCursor chunks = new ChunkCursor();

  State state = State.WAITING;

  /** Of the generation that goes on or comes next; grows over restarts of the job too. */
  int attempt;

  /** How often the runtime accepted it. */
  int generations;

  int failures;
  boolean cancelled;
  long submittedAtMs;
  boolean firstTokenSeen;
  TokenIds.Builder tokens = new TokenIds.Builder();
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
  }

  PromptRequest request() {
    return ((PromptRecord.Request) prompt.content()).request();
  }

  String requestId() {
    return generation.requestId();
  }

  /** Forgets what the last generation made, before the next one. */
  void startNextAttempt() {
    attempt++;
    tokens = new TokenIds.Builder();
    chunks.restart();
  }

  InFlightRequest snapshot() {
    TokenIds soFar = completion.isPresent() ? TokenIds.empty() : tokens.view();
    return new InFlightRequest(
        prompt,
        elementTimestampMs,
        receivedAtMs,
        attempt,
        generations,
        failures,
        cancelled,
        soFar,
        Math.min(chunks.emittedTokens(), soFar.size()),
        completion);
  }

  @Override
  public String toString() {
    return "request %s of %s, %s, attempt %d, %d failures, %d tokens"
        .formatted(requestId(), prompt.origin(), state, attempt, failures, tokens.size());
  }
}
