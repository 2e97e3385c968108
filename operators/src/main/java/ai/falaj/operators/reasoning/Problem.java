package ai.falaj.operators.reasoning;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.RequestedSampling;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import java.util.List;
import java.util.Objects;

/**
 * A question with everything that is known of it so far. Each stage makes another one; immutable,
 * and nobody changes the records that it holds.
 *
 * @param prompt the client's record
 * @param trace what will be published of the way to the answer; without the candidates' texts until
 *     then
 * @param candidates that have a text, in order of their index
 */
public record Problem(PromptRecord prompt, ReasoningTrace trace, List<Candidate> candidates)
    implements ProblemEvent {

  public Problem {
    if (!(prompt.content() instanceof PromptRecord.Request)) {
      throw new IllegalArgumentException("no request but " + prompt.content().getClass());
    }
    Objects.requireNonNull(trace, "trace");
    candidates = List.copyOf(candidates);
  }

  static String keyOf(RecordOrigin origin) {
    return origin.toString();
  }

  @Override
  public String key() {
    return keyOf(prompt.origin());
  }

  PromptRequest request() {
    return ((PromptRecord.Request) prompt.content()).request();
  }

  /** Whether no model is asked any more. */
  boolean isDecided() {
    return trace.getOutcome() != ReasoningOutcome.OPEN;
  }

  boolean isCancelled() {
    return trace.getOutcome() == ReasoningOutcome.CANCELLED;
  }

  long startedAtMs() {
    return trace.getStartedAt().toEpochMilli();
  }

  /** The one that the request names, or one that follows from where it was read. */
  long baseSeed() {
    return request().getSampling() == null || request().getSampling().getSeed() == null
        ? RequestedSampling.seed(prompt.origin())
        : request().getSampling().getSeed();
  }

  /** A builder of the trace as it goes on. */
  ReasoningTrace.Builder nextTrace() {
    return ReasoningTrace.newBuilder(trace);
  }

  Problem with(ReasoningTrace.Builder next) {
    return new Problem(prompt, next.build(), candidates);
  }

  Problem with(ReasoningTrace.Builder next, List<Candidate> found) {
    return new Problem(prompt, next.build(), found);
  }

  /**
   * @throws IllegalStateException when there is no such candidate
   */
  Candidate candidate(int index) {
    return candidates.stream()
        .filter(candidate -> candidate.index() == index)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no candidate " + index + " in " + key()));
  }

  /** Names neither question nor answers. */
  @Override
  public String toString() {
    return "problem of %s, %s, %d candidates, %d calls"
        .formatted(key(), trace.getOutcome(), candidates.size(), trace.getCalls().size());
  }
}
