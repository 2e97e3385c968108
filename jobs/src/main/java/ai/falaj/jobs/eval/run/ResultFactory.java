package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.data.Problem;
import ai.falaj.jobs.eval.grading.Grader;
import ai.falaj.jobs.eval.run.ProblemResult.Failure;
import ai.falaj.jobs.eval.run.ProblemResult.MadeBy;
import ai.falaj.jobs.eval.run.ProblemResult.Times;
import ai.falaj.jobs.eval.run.ProblemResult.TokenCounts;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.ReasoningTrace;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes graded results of records. Only answers are graded, never reasoning: what a model thinks on
 * the way is not what it says. Stateless.
 */
final class ResultFactory {

  private final Grader grader = new Grader();
  private final SampleJudge judge;
  private final boolean keepsReasoning;

  /**
   * @param keepsReasoning whether results hold what the model thought; it may be long
   */
  ResultFactory(SampleJudge judge, boolean keepsReasoning) {
    this.judge = judge;
    this.keepsReasoning = keepsReasoning;
  }

  ProblemResult of(Problem problem, Completion completion) {
    OptionalInt choice = judge.choice(completion);
    return of(
        problem,
        completion,
        samples(completion),
        choice.isPresent() ? choice.getAsInt() : null,
        null);
  }

  /** Of a reasoning job: the completion has the answer, its trace the candidates. */
  ProblemResult of(Problem problem, Completion completion, ReasoningTrace trace) {
    return of(
        problem,
        completion,
        Candidates.samples(trace, completion, keepsReasoning),
        Candidates.judged(trace),
        RoleCosts.of(trace));
  }

  private ProblemResult of(
      Problem problem,
      Completion completion,
      List<SampleResult> samples,
      Integer judged,
      RoleCosts roles) {
    Provenance provenance = completion.getProvenance();
    return new ProblemResult(
            problem.id(),
            problem.question(),
            problem.key(),
            null,
            samples,
            judged,
            new TokenCounts(
                completion.getUsage().getPromptTokens(),
                completion.getUsage().getCachedTokens(),
                completion.getUsage().getReasoningTokens(),
                completion.getUsage().getCompletionTokens()),
            new Times(
                completion.getTimings().getQueueMs(),
                completion.getTimings().getTimeToFirstTokenMs(),
                completion.getTimings().getTotalMs()),
            roles,
            new MadeBy(
                provenance.getModel(),
                provenance.getModelSha256(),
                provenance.getEngine(),
                provenance.getEngineVersion(),
                provenance.getQuantization(),
                provenance.getSeed(),
                provenance.getAttempts()),
            completion.getCompletedAt().toString())
        .graded(grader);
  }

  ProblemResult of(Problem problem, DeadLetter letter) {
    return new ProblemResult(
        problem.id(),
        problem.question(),
        problem.key(),
        new Failure(letter.getErrorCode().name(), letter.getMessage()),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        letter.getFailedAt().toString());
  }

  private List<SampleResult> samples(Completion completion) {
    if (completion.getSamples().isEmpty()) {
      return List.of(
          sample(
              0,
              completion.getAnswer(),
              completion.getReasoning(),
              completion.getFinishReason(),
              completion.getUsage().getReasoningTokens(),
              completion.getUsage().getCompletionTokens()));
    }
    return completion.getSamples().stream().map(this::sample).toList();
  }

  private SampleResult sample(CompletionSample sample) {
    return sample(
        sample.getIndex(),
        sample.getAnswer(),
        sample.getReasoning(),
        sample.getFinishReason(),
        sample.getReasoningTokens(),
        sample.getCompletionTokens());
  }

  private SampleResult sample(
      int index,
      String answer,
      String reasoning,
      FinishReason finishReason,
      int reasoningTokens,
      int completionTokens) {
    return new SampleResult(
        index,
        answer,
        keepsReasoning ? reasoning : null,
        finishReason.name(),
        reasoningTokens,
        completionTokens,
        null,
        null,
        false);
  }
}
