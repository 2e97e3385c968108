package ai.falaj.jobs.eval.metrics;

import ai.falaj.jobs.eval.grading.ExtractedAnswer.Source;
import ai.falaj.jobs.eval.grading.Grader;
import ai.falaj.jobs.eval.metrics.EvalReport.AtK;
import ai.falaj.jobs.eval.metrics.EvalReport.Counts;
import ai.falaj.jobs.eval.metrics.EvalReport.Role;
import ai.falaj.jobs.eval.metrics.EvalReport.Roles;
import ai.falaj.jobs.eval.metrics.EvalReport.Unanswered;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.RoleCosts;
import ai.falaj.jobs.eval.run.SampleResult;
import ai.falaj.schemas.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Sums up the results of a run. Stateless. */
public final class EvalReporter {

  private static final double MS_PER_SECOND = 1_000;

  private final MajorityVote vote = new MajorityVote(new Grader());

  /**
   * The report of a run.
   *
   * @param label row in comparisons; null: the model's name
   * @param samples per problem that were asked for
   * @param results of the problems that have one
   * @param missing problems without any result
   */
  public EvalReport report(
      String dataset,
      String label,
      int samples,
      List<ProblemResult> results,
      List<String> missing) {
    int problems = results.size() + missing.size();
    if (problems == 0) {
      throw new IllegalArgumentException("no problems");
    }
    List<ProblemResult> completed =
        results.stream().filter(result -> result.failure() == null).toList();
    List<SampleResult> all =
        completed.stream().flatMap(result -> result.samples().stream()).toList();
    String model = models(completed);
    return new EvalReport(
        dataset,
        label == null ? String.valueOf(model) : label,
        model,
        problems,
        samples,
        passAt(1, samples, results, problems),
        passAtSeveral(samples, results, problems),
        samples == 1 ? null : majority(results, problems),
        judged(results, problems),
        counts(completed.size(), all),
        finishReasons(all),
        deadLetters(results),
        missing,
        mean(completed, result -> result.usage().completion()),
        mean(completed, result -> result.usage().reasoning()),
        roles(completed.stream().map(ProblemResult::roles).filter(Objects::nonNull).toList()),
        mean(completed, result -> result.timings().totalMs() / MS_PER_SECOND),
        mean(
            completed,
            result -> (result.timings().totalMs() - result.timings().queueMs()) / MS_PER_SECOND));
  }

  private static String models(List<ProblemResult> completed) {
    TreeSet<String> names = new TreeSet<>();
    completed.forEach(result -> names.add(result.provenance().model()));
    return names.isEmpty() ? null : String.join(" + ", names);
  }

  private static Estimate passAt(int k, int samples, List<ProblemResult> results, int problems) {
    return overProblems(
        results,
        problems,
        result -> {
          int correct = (int) result.samples().stream().filter(SampleResult::correct).count();
          return PassAtK.estimate(samples, Math.min(samples, correct), k);
        });
  }

  /** For 2, 4, 8 ... and all samples. */
  private static List<AtK> passAtSeveral(int samples, List<ProblemResult> results, int problems) {
    List<AtK> several = new ArrayList<>();
    for (int k = 2; k < samples; k *= 2) {
      several.add(new AtK(k, passAt(k, samples, results, problems)));
    }
    if (samples > 1) {
      several.add(new AtK(samples, passAt(samples, samples, results, problems)));
    }
    return several;
  }

  private Estimate majority(List<ProblemResult> results, int problems) {
    return overProblems(
        results,
        problems,
        result -> vote.winner(result).filter(SampleResult::correct).isPresent() ? 1 : 0);
  }

  private static Estimate judged(List<ProblemResult> results, int problems) {
    if (results.stream().allMatch(result -> result.judged() == null)) {
      return null;
    }
    return overProblems(results, problems, result -> isChosenCorrect(result) ? 1 : 0);
  }

  private static boolean isChosenCorrect(ProblemResult result) {
    return result.judged() != null
        && result.samples().stream()
            .anyMatch(sample -> sample.index() == result.judged() && sample.correct());
  }

  private static Estimate overProblems(
      List<ProblemResult> results, int problems, ToDoubleFunction<ProblemResult> value) {
    double[] values = new double[problems]; // those without a result are 0
    for (int i = 0; i < results.size(); i++) {
      values[i] = value.applyAsDouble(results.get(i));
    }
    return Estimates.ofShare(values);
  }

  private static Roles roles(List<RoleCosts> costs) {
    return costs.isEmpty()
        ? null
        : new Roles(
            role(costs, RoleCosts::planner),
            role(costs, RoleCosts::solver),
            role(costs, RoleCosts::judge));
  }

  private static Role role(List<RoleCosts> costs, Function<RoleCosts, RoleCosts.Cost> role) {
    List<RoleCosts.Cost> ofRole = costs.stream().map(role).toList();
    return new Role(
        mean(ofRole, RoleCosts.Cost::calls),
        mean(ofRole, RoleCosts.Cost::prompt),
        mean(ofRole, RoleCosts.Cost::completion));
  }

  private static <T> Estimate mean(List<T> completed, ToDoubleFunction<T> value) {
    return completed.isEmpty()
        ? null
        : Estimates.ofMean(completed.stream().mapToDouble(value).toArray());
  }

  private static Counts counts(int completed, List<SampleResult> all) {
    return new Counts(
        completed,
        all.size(),
        count(all, SampleResult::correct),
        count(all, sample -> sample.extracted() == null),
        count(
            all,
            sample ->
                sample.source() == Source.LAST_NUMBER || sample.source() == Source.LAST_CHOICE),
        count(all, sample -> sample.finishReason().equals(FinishReason.LENGTH.name())));
  }

  private static int count(List<SampleResult> all, Predicate<SampleResult> condition) {
    return (int) all.stream().filter(condition).count();
  }

  private static Map<String, Integer> finishReasons(List<SampleResult> all) {
    return all.stream()
        .collect(
            Collectors.groupingBy(
                SampleResult::finishReason, TreeMap::new, Collectors.summingInt(sample -> 1)));
  }

  private static List<Unanswered> deadLetters(List<ProblemResult> results) {
    return results.stream()
        .filter(result -> result.failure() != null)
        .map(
            result ->
                new Unanswered(result.id(), result.failure().code(), result.failure().message()))
        .toList();
  }
}
