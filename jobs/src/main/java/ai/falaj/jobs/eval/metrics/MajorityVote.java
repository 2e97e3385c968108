package ai.falaj.jobs.eval.metrics;

import ai.falaj.jobs.eval.grading.Grader;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.SampleResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer that most samples of a problem give, where two answers are one if the grader says so.
 * Samples without an answer do not vote. Of answers with as many votes, the one that was given
 * first wins, so that the vote of one sample is that sample. Stateless.
 */
public final class MajorityVote {

  private final Grader grader;

  public MajorityVote(Grader grader) {
    this.grader = grader;
  }

  /** A sample that gives the winning answer; empty where no sample gives any. */
  public Optional<SampleResult> winner(ProblemResult problem) {
    List<SampleResult> candidates = new ArrayList<>();
    List<Integer> votes = new ArrayList<>();
    for (SampleResult sample : problem.samples()) {
      if (sample.extracted() == null) {
        continue;
      }
      int same = indexOfSame(problem, candidates, sample);
      if (same < 0) {
        candidates.add(sample);
        votes.add(1);
      } else {
        votes.set(same, votes.get(same) + 1);
      }
    }
    int best = -1;
    for (int i = 0; i < candidates.size(); i++) {
      best = best < 0 || votes.get(i) > votes.get(best) ? i : best;
    }
    return best < 0 ? Optional.empty() : Optional.of(candidates.get(best));
  }

  private int indexOfSame(
      ProblemResult problem, List<SampleResult> candidates, SampleResult sample) {
    for (int i = 0; i < candidates.size(); i++) {
      String candidate = candidates.get(i).extracted();
      if (grader.isEqual(problem.key().kind(), candidate, sample.extracted())) {
        return i;
      }
    }
    return -1;
  }
}
