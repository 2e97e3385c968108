package ai.falaj.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomWorkloadsTest {

  @Test
  void drawsTheSameWorkloadsFromTheSameSeed() {
    assertThat(new RandomWorkloads(1000, 7).uniform(4, 8, 3))
        .isEqualTo(new RandomWorkloads(1000, 7).uniform(4, 8, 3))
        .isNotEqualTo(new RandomWorkloads(1000, 8).uniform(4, 8, 3));
  }

  @Test
  void countsTokensOfPromptsAndGenerations() {
    Workload workload =
        new RandomWorkloads(1000, 7)
            .ofLengths(List.of(new RequestLength(5, 2), new RequestLength(1, 9)));
    assertThat(workload.promptTokens()).isEqualTo(6);
    assertThat(workload.newTokens()).isEqualTo(11);
    assertThat(workload.longestContext()).isEqualTo(10);
  }

  @Test
  void keepsTokensInsideTheVocabulary() {
    assertThat(new RandomWorkloads(3, 1).tokens(200)).containsOnly(0, 1, 2);
  }

  @Test
  void sharesTheInstructionAndNothingElse() {
    Workload workload = new RandomWorkloads(50_000, 1).sharedPrefix(20, 30, 10, 4);
    Set<List<Integer>> instructions = new HashSet<>();
    Set<List<Integer>> records = new HashSet<>();
    for (LoadRequest request : workload.requests()) {
      instructions.add(request.prompt().subList(0, 30));
      records.add(request.prompt().subList(30, 40));
    }
    assertThat(instructions).hasSize(1);
    assertThat(records).hasSize(20);
  }

  @Test
  void givesEveryWorkloadOfAGeneratorItsOwnPromptsAndIds() {
    RandomWorkloads workloads = new RandomWorkloads(50_000, 1);
    Workload first = workloads.uniform(3, 10, 1);
    Workload second = workloads.uniform(3, 10, 1);
    assertThat(second.requests())
        .extracting(LoadRequest::prompt)
        .doesNotContainAnyElementsOf(first.requests().stream().map(LoadRequest::prompt).toList());
    assertThat(second.requests())
        .extracting(LoadRequest::id)
        .doesNotContainAnyElementsOf(first.requests().stream().map(LoadRequest::id).toList());
  }

  @Test
  void takesTheFirstRequestsOrAll() {
    Workload workload = new RandomWorkloads(10, 1).uniform(3, 1, 1);
    assertThat(workload.first(2).requests()).isEqualTo(workload.requests().subList(0, 2));
    assertThat(workload.first(4)).isEqualTo(workload);
  }
}
