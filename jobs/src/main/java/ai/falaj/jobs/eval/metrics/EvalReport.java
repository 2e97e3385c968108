package ai.falaj.jobs.eval.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * What a run came to: the document of {@code --json}, and {@code report.json}. Problems without a
 * completion count as wrong in every metric.
 *
 * @param dataset name of the problem set
 * @param label row in comparisons
 * @param model as completions name it; several, joined, where a job routes; null without any
 * @param problems of the set
 * @param samples per problem
 * @param passAt1 share of right samples
 * @param passAtK chance that one of k samples is right, for some k from 2 to all: with all, best of
 *     N by an oracle
 * @param majority the answer that most samples give; null with one sample
 * @param judged the sample that a judge chose; null where none chose
 * @param counts of what ended how
 * @param finishReasons samples by finish reason; LENGTH was cut
 * @param deadLetters problems that could not be answered
 * @param missing problems without any result
 * @param completionTokens per problem, all samples, of those with a completion; null without any
 * @param reasoningTokens of them; null without any completion
 * @param roles what each role of a reasoning job spent per problem; null where another job answered
 * @param secondsPerProblem from the operator's receipt to the last token, waiting in its queue
 *     included; null without any completion
 * @param generationSecondsPerProblem without the queue; null without any completion
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvalReport(
    String dataset,
    String label,
    String model,
    int problems,
    int samples,
    Estimate passAt1,
    List<AtK> passAtK,
    Estimate majority,
    Estimate judged,
    Counts counts,
    Map<String, Integer> finishReasons,
    List<Unanswered> deadLetters,
    List<String> missing,
    Estimate completionTokens,
    Estimate reasoningTokens,
    Roles roles,
    Estimate secondsPerProblem,
    Estimate generationSecondsPerProblem) {

  public EvalReport {
    passAtK = List.copyOf(passAtK);
    deadLetters = List.copyOf(deadLetters);
    missing = List.copyOf(missing);
  }

  /** Of those problems whose job said. */
  public record Roles(Role planner, Role solver, Role judge) {}

  /** Per problem: calls, tokens read, tokens written. */
  public record Role(Estimate calls, Estimate promptTokens, Estimate completionTokens) {}

  /** pass@k for one k. */
  public record AtK(int k, Estimate estimate) {}

  /**
   * Counts over all samples.
   *
   * @param correct right ones
   * @param withoutAnswer those in which no answer was found
   * @param guessed those whose answer no mark named, so that the last number or choice was taken
   * @param cut those that ended at the limit of tokens
   */
  public record Counts(
      int problemsWithCompletion,
      int samples,
      int correct,
      int withoutAnswer,
      int guessed,
      int cut) {}

  /** A problem that ended as a dead letter. */
  public record Unanswered(String id, String code, String message) {}
}
