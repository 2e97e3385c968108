package ai.falaj.operators.reasoning;

import ai.falaj.operators.Attempts;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What is published of a problem that is over. Stateless. */
final class Answers {

  /**
   * More than the retries of a solver within the 250 ms that one attempt number stands for, so that
   * the winner's chunks replace those of the first candidate.
   */
  private static final int ATTEMPTS_ABOVE_RETRIES = 16;

  private Answers() {}

  /** The candidate that the completion holds; empty where none has a text. */
  static Optional<Candidate> winner(Problem problem) {
    return problem.trace().getFinalists().isEmpty()
        ? Optional.empty()
        : Optional.of(problem.candidate(JudgeStep.incumbent(problem)));
  }

  /**
   * The client's completion: the winner's text and model, the tokens of all calls. Empty where no
   * model said anything, which happens only when every call of a cancelled problem failed.
   *
   * @param nowMs milliseconds since the epoch
   */
  static Optional<Completion> completion(Problem problem, long nowMs) {
    Optional<Completion> winner = winner(problem).map(Candidate::completion);
    Optional<Provenance> provenance =
        winner
            .map(Completion::getProvenance)
            .or(
                () ->
                    problem.trace().getCalls().stream()
                        .map(ReasoningCall::getProvenance)
                        .filter(Objects::nonNull)
                        .reduce((first, last) -> last));
    Map<String, String> metadata = new HashMap<>(problem.request().getMetadata());
    return provenance.map(
        made ->
            Completion.newBuilder()
                .setRequestId(problem.request().getRequestId())
                .setConversationId(problem.request().getConversationId())
                .setTenant(problem.request().getTenant())
                .setAnswer(winner.map(Completion::getAnswer).orElse(""))
                .setReasoning(winner.map(Completion::getReasoning).orElse(null))
                .setFinishReason(finishReason(problem, winner))
                .setUsage(usage(problem.trace().getCalls()))
                .setTimings(timings(problem, winner, nowMs))
                .setProvenance(made)
                .setMetadata(metadata)
                .setCompletedAt(Instant.ofEpochMilli(nowMs))
                .setLogprobs(winner.map(Completion::getLogprobs).orElse(List.of()))
                .build());
  }

  private static FinishReason finishReason(Problem problem, Optional<Completion> winner) {
    return problem.isCancelled()
        ? FinishReason.CANCELLED
        : winner.map(Completion::getFinishReason).orElse(FinishReason.UNKNOWN);
  }

  private static Usage usage(List<ReasoningCall> calls) {
    int prompt = 0;
    int cached = 0;
    int reasoning = 0;
    int completion = 0;
    for (ReasoningCall call : calls) {
      if (call.getUsage() != null) {
        prompt += call.getUsage().getPromptTokens();
        cached += call.getUsage().getCachedTokens();
        reasoning += call.getUsage().getReasoningTokens();
        completion += call.getUsage().getCompletionTokens();
      }
    }
    return new Usage(prompt, cached, reasoning, completion);
  }

  /** From the problem's arrival: to the first call's prefill, the winner's first token, the end. */
  private static Timings timings(Problem problem, Optional<Completion> winner, long nowMs) {
    long totalMs = Math.max(0, nowMs - problem.startedAtMs());
    long queueMs =
        problem.trace().getCalls().stream()
            .filter(call -> call.getTimings() != null)
            .mapToLong(
                call ->
                    call.getEndedAt().toEpochMilli()
                        - call.getTimings().getTotalMs()
                        + call.getTimings().getQueueMs()
                        - problem.startedAtMs())
            .min()
            .orElse(totalMs);
    long firstTokenMs =
        winner
            .map(
                completion ->
                    completion.getCompletedAt().toEpochMilli()
                        - completion.getTimings().getTotalMs()
                        + completion.getTimings().getTimeToFirstTokenMs()
                        - problem.startedAtMs())
            .orElse(totalMs);
    return new Timings(within(queueMs, totalMs), within(firstTokenMs, totalMs), totalMs);
  }

  private static long within(long ms, long totalMs) {
    return Math.max(0, Math.min(ms, totalMs));
  }

  /**
   * The winner's text as chunks that replace those of the first candidate, which were sent while it
   * was written.
   *
   * @param nowMs milliseconds since the epoch
   */
  static List<CompletionChunk> chunks(
      Completion completion, Optional<Candidate> winner, long nowMs) {
    int attempt = Attempts.firstAt(nowMs) + ATTEMPTS_ABOVE_RETRIES;
    Usage usage =
        winner.map(candidate -> candidate.completion().getUsage()).orElse(new Usage(0, 0, 0, 0));
    List<CompletionChunk> chunks = new ArrayList<>();
    CompletionChunk.Builder chunk =
        CompletionChunk.newBuilder()
            .setRequestId(completion.getRequestId())
            .setAttempt(attempt)
            .setEmittedAt(Instant.ofEpochMilli(nowMs));
    int reasoningTokens = 0;
    if (completion.getReasoning() != null) {
      reasoningTokens = usage.getReasoningTokens();
      chunks.add(
          chunk
              .setSequence(0)
              .setTokenOffset(0)
              .setTokenCount(reasoningTokens)
              .setChannel(Channel.REASONING)
              .setText(completion.getReasoning())
              .build());
    }
    chunks.add(
        chunk
            .setSequence(chunks.size())
            .setTokenOffset(reasoningTokens)
            .setTokenCount(usage.getCompletionTokens() - reasoningTokens)
            .setChannel(Channel.ANSWER)
            .setText(completion.getAnswer())
            .setFinishReason(completion.getFinishReason())
            .build());
    return chunks;
  }

  /** The trace with the candidates' texts, as it is published. */
  static ReasoningTrace trace(Problem problem, long nowMs) {
    List<ReasoningCandidate> told =
        problem.trace().getCandidates().stream()
            .map(
                recorded -> {
                  Optional<Completion> text =
                      problem.candidates().stream()
                          .filter(candidate -> candidate.index() == recorded.getIndex())
                          .map(Candidate::completion)
                          .findFirst();
                  return ReasoningCandidate.newBuilder(recorded)
                      .setAnswer(text.map(Completion::getAnswer).orElse(null))
                      .setReasoning(text.map(Completion::getReasoning).orElse(null))
                      .build();
                })
            .toList();
    return problem
        .nextTrace()
        .setCandidates(told)
        .setWinner(winner(problem).map(Candidate::index).orElse(null))
        .setCompletedAt(Instant.ofEpochMilli(nowMs))
        .build();
  }
}
