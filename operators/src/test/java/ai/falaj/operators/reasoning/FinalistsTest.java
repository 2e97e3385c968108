package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.FinishReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinalistsTest {

  private static List<Candidate> candidates(FinishReason reason, String... answers)
      throws Exception {
    Problem problem = GatherFixture.problem("r1", ReasoningOptions.DEFAULT);
    Call call = new TopicsStep(ReasoningOptions.DEFAULT).calls(problem).get(0);
    List<Candidate> candidates = new ArrayList<>();
    for (String answer : answers) {
      candidates.add(
          new Candidate(
              candidates.size(), GatherFixture.completion(problem, call, answer, reason)));
    }
    return candidates;
  }

  private static Finalists vote(String... answers) throws Exception {
    return Finalists.of(
        candidates(FinishReason.STOP, answers), Selection.MAJORITY, BoxedAnswers.INSTANCE);
  }

  @Test
  void theMajorityNeedsNoJudge() throws Exception {
    assertThat(vote("\\boxed{3}", "\\boxed{0.5}", "\\boxed{\\frac{1}{2}}").indexes())
        .containsExactly(1);
    assertThat(vote("\\boxed{3}", "the answer is \\boxed{2}", "2.0").indexes()).containsExactly(1);
  }

  @Test
  void equalVotesAreForTheJudge() throws Exception {
    Finalists finalists = vote("1", "2", "2.0", "1.0", "I do not know.");

    assertThat(finalists.indexes()).containsExactly(0, 1);
    assertThat(finalists.votes()).containsEntry(3, "1").doesNotContainKey(4);
  }

  @Test
  void answersThatCannotBeComparedAreForTheJudge() throws Exception {
    assertThat(vote("It flows.", "It does not flow.").indexes()).containsExactly(0, 1);
  }

  @Test
  void whatWasCutShortWinsOnlyWhereNothingIsComplete() throws Exception {
    List<Candidate> cut = candidates(FinishReason.DEADLINE, " ", "some text", "more");

    assertThat(Finalists.of(cut, Selection.JUDGE, BoxedAnswers.INSTANCE).indexes())
        .containsExactly(1);
    List<Candidate> mixed = new ArrayList<>(cut.subList(0, 2));
    mixed.add(new Candidate(2, candidates(FinishReason.LENGTH, "complete").get(0).completion()));
    assertThat(Finalists.of(mixed, Selection.JUDGE, BoxedAnswers.INSTANCE).indexes())
        .containsExactly(2);
  }
}
