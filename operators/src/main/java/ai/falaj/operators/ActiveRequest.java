package ai.falaj.operators;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.IntStream;

/**
 * A request between its acceptance and its result. Confined to the task mailbox thread.
 *
 * <p>It is WAITING_FOR_TURN while an earlier request of its conversation has not left, WAITING for
 * room in the runtime, RUNNING there (which includes the runtime's own waiting queue), BACKING_OFF
 * after a failure, CALLING_TOOLS while the tools that its model called have not all answered, and
 * ENDED when its result is known; an ended request may still wait for its turn to leave. Each
 * submission that follows a failure is an attempt of its own, given the tokens that the one before
 * made; one that follows a round of tool calls too, given none.
 */
final class ActiveRequest {

  enum State {
    WAITING_FOR_TURN,
    WAITING,
    RUNNING,
    BACKING_OFF,
    CALLING_TOOLS,
    ENDED
  }

  final PromptRecord prompt;

  /**
   * What was asked for, with what was said before and the results of tools, and without what is
   * there of the answer already: {@link #nextGeneration}.
   */
  GenerationRequest generation;

  final OptionalLong elementTimestampMs;
  final long receivedAtMs;

  /** Estimated tokens of prompt and answer; changes only while it is not in the runtime. */
  long tokenCost;

  /** As many as the request asked for, by index. */
  final List<ActiveSample> samples;

  /** Generations that ended with calls, oldest first; only the last may have open ones. */
  final List<ToolRound> rounds = new ArrayList<>();

  State state = State.WAITING;

  /** Of what was said before; present once its turn has come. */
  OptionalLong historyDigest = OptionalLong.empty();

  /** Whether it does not count as going on by itself: see {@link InFlightRequests}. */
  boolean parked;

  /** Of the generation that goes on or comes next; grows over restarts of the job too. */
  int attempt;

  /** How often the runtime accepted it. */
  int generations;

  int failures;
  boolean cancelled;

  /** Of which conversation it makes a summary; empty: it answers a client. */
  Optional<ConversationName> summaryOf = Optional.empty();

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
  ScheduledFuture<?> toolTimer;
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
    historyDigest = state.historyDigest();
    rounds.addAll(state.rounds());
    if (state.samples().size() == samples.size()) {
      for (ActiveSample sample : samples) {
        sample.resume(state.samples().get(sample.index));
      }
    }
  }

  /**
   * Its turn has come, and this is what was said before.
   *
   * @return whether it had tokens that followed something else, and has none any more
   */
  boolean takeHistory(long digest) {
    boolean isAnother = historyDigest.isPresent() && historyDigest.getAsLong() != digest;
    historyDigest = OptionalLong.of(digest);
    if (!isAnother || !hasTokens()) {
      return false;
    }
    modelSha256 = Optional.empty();
    samples.forEach(ActiveSample::startOver);
    return true;
  }

  /** The prompt goes on with the rounds that a checkpoint held. */
  void replayRounds() {
    rounds.stream().filter(ToolRound::isAnswered).forEach(this::continueAfter);
  }

  /** The prompt goes on with a round that is answered; what had to be called was. */
  void continueAfter(ToolRound round) {
    List<ChatMessage> messages = new ArrayList<>(((Prompt.Chat) generation.prompt()).messages());
    messages.addAll(round.messages());
    ToolChoice choice = generation.toolChoice();
    generation =
        generation.withPrompt(new Prompt.Chat(messages)).toBuilder()
            .toolChoice(choice == ToolChoice.NONE ? choice : ToolChoice.AUTO)
            .build();
    tokenCost +=
        round.messages().stream().mapToLong(m -> TokenEstimate.ofMessage(m.content())).sum();
  }

  ToolRound lastRound() {
    return rounds.get(rounds.size() - 1);
  }

  void setLastRound(ToolRound round) {
    rounds.set(rounds.size() - 1, round);
  }

  boolean waitsForTools() {
    return !rounds.isEmpty() && !lastRound().isAnswered();
  }

  boolean hasTokens() {
    for (ActiveSample sample : samples) {
      if (sample.tokens() > 0) {
        return true;
      }
    }
    return false;
  }

  /** Milliseconds between its receipt and a later moment; 0 where the clock went back. */
  long sinceReceiptMs(long nowMs) {
    return Math.max(0, nowMs - receivedAtMs);
  }

  void cancelTimers() {
    for (ScheduledFuture<?> timer :
        Arrays.asList(retryTimer, attemptTimer, totalTimer, toolTimer)) {
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
        historyDigest,
        completion.isPresent() ? List.of() : rounds,
        isRepeat,
        completion);
  }

  @Override
  public String toString() {
    return "request %s of %s, %s, attempt %d, %d failures, %d rounds of tools, %d tokens of %d samples"
        .formatted(
            requestId(),
            prompt.origin(),
            state,
            attempt,
            failures,
            rounds.size(),
            samples.stream().mapToInt(ActiveSample::tokens).sum(),
            samples.size());
  }
}
