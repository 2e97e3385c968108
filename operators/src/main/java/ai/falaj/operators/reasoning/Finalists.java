package ai.falaj.operators.reasoning;

import ai.falaj.schemas.ReasoningCandidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The candidates that may win, in the order in which the judge compares them, and the votes that
 * named them. Those that a deadline cut short win only where none is complete, and without a judge:
 * the time is up. Immutable.
 *
 * @param votes of candidates whose answers can be compared, by index; empty where no vote was held
 */
record Finalists(List<Integer> indexes, Map<Integer, String> votes) {

  /**
   * @param candidates at least one, in order of their index
   */
  static Finalists of(List<Candidate> candidates, Selection selection, AnswerForm form) {
    List<Candidate> complete = candidates.stream().filter(Candidate::isComplete).toList();
    if (complete.isEmpty()) {
      return alone(furthest(candidates));
    }
    return switch (selection) {
      case JUDGE -> new Finalists(complete.stream().map(Candidate::index).toList(), Map.of());
      case FIRST -> alone(earliest(complete));
      case MAJORITY -> mostShared(complete, form);
    };
  }

  private static Finalists alone(Candidate candidate) {
    return new Finalists(List.of(candidate.index()), Map.of());
  }

  /** One with an answer, if any has one. */
  private static Candidate furthest(List<Candidate> cutShort) {
    return cutShort.stream()
        .filter(candidate -> !candidate.completion().getAnswer().isBlank())
        .findFirst()
        .orElse(cutShort.get(0));
  }

  private static Candidate earliest(List<Candidate> complete) {
    return complete.stream()
        .min(Comparator.comparing(candidate -> candidate.completion().getCompletedAt()))
        .orElseThrow();
  }

  private static Finalists mostShared(List<Candidate> complete, AnswerForm form) {
    Map<Integer, String> votes = new LinkedHashMap<>();
    Map<String, List<Integer>> sharing = new LinkedHashMap<>();
    for (Candidate candidate : complete) {
      Optional<String> vote = form.of(candidate.completion().getAnswer());
      if (vote.isPresent()) {
        votes.put(candidate.index(), vote.get());
        sharing.computeIfAbsent(vote.get(), answer -> new ArrayList<>()).add(candidate.index());
      }
    }
    if (sharing.isEmpty()) {
      return new Finalists(complete.stream().map(Candidate::index).toList(), votes);
    }
    int most = sharing.values().stream().mapToInt(List::size).max().orElseThrow();
    List<Integer> firstOfEach =
        sharing.values().stream()
            .filter(indexes -> indexes.size() == most)
            .map(indexes -> indexes.get(0))
            .toList();
    return new Finalists(firstOfEach, votes);
  }

  List<ReasoningCandidate> withVotes(List<ReasoningCandidate> recorded) {
    return recorded.stream()
        .map(
            candidate ->
                ReasoningCandidate.newBuilder(candidate)
                    .setVote(votes.get(candidate.getIndex()))
                    .build())
        .toList();
  }
}
