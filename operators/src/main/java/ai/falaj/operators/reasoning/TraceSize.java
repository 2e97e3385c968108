package ai.falaj.operators.reasoning;

import ai.falaj.operators.serialization.AvroBodySize;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningTrace;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Keeps traces below what Kafka takes: a refused record would fail the job, again and again. What
 * is least missed goes first: the reasoning of those that did not win, then the winner's, which the
 * completion holds too, then answers, and at last what planner and models said of themselves.
 * Confined to the task thread.
 */
final class TraceSize {

  /** Of the question that is left where nothing else is. */
  private static final int QUESTION_CHARS = 10_000;

  private static final List<UnaryOperator<ReasoningTrace>> CUTS =
      List.of(
          trace -> withoutReasoning(trace, loses(trace)),
          trace -> withoutReasoning(trace, any -> true),
          trace -> withoutAnswers(trace, loses(trace)),
          trace -> withoutAnswers(trace, any -> true),
          TraceSize::withoutSayings);

  private final AvroBodySize<ReasoningTrace> size = new AvroBodySize<>(ReasoningTrace.class);

  /**
   * The trace, or as much of it as fits.
   *
   * @param maxBytes of its Avro body
   */
  ReasoningTrace fitting(ReasoningTrace trace, int maxBytes) {
    ReasoningTrace fitting = trace;
    for (UnaryOperator<ReasoningTrace> cut : CUTS) {
      if (size.bytes(fitting) <= maxBytes) {
        return fitting;
      }
      fitting = ReasoningTrace.newBuilder(cut.apply(fitting)).setTruncated(true).build();
    }
    return fitting;
  }

  private static Predicate<ReasoningCandidate> loses(ReasoningTrace trace) {
    return candidate -> !Objects.equals(candidate.getIndex(), trace.getWinner());
  }

  private static ReasoningTrace withoutReasoning(
      ReasoningTrace trace, Predicate<ReasoningCandidate> of) {
    return changed(trace, of, one -> ReasoningCandidate.newBuilder(one).setReasoning(null).build());
  }

  private static ReasoningTrace withoutAnswers(
      ReasoningTrace trace, Predicate<ReasoningCandidate> of) {
    return changed(trace, of, one -> ReasoningCandidate.newBuilder(one).setAnswer(null).build());
  }

  private static ReasoningTrace changed(
      ReasoningTrace trace,
      Predicate<ReasoningCandidate> of,
      UnaryOperator<ReasoningCandidate> change) {
    return ReasoningTrace.newBuilder(trace)
        .setCandidates(
            trace.getCandidates().stream()
                .map(one -> of.test(one) ? change.apply(one) : one)
                .toList())
        .build();
  }

  private static ReasoningTrace withoutSayings(ReasoningTrace trace) {
    String question = trace.getQuestion();
    return ReasoningTrace.newBuilder(trace)
        .setQuestion(question.substring(0, Math.min(question.length(), QUESTION_CHARS)))
        .setPlans(List.of())
        .setVerdicts(List.of())
        .setMetadata(Map.of())
        .setCalls(
            trace.getCalls().stream()
                .map(call -> ReasoningCall.newBuilder(call).setProvenance(null).build())
                .toList())
        .build();
  }
}
