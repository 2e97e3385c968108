package ai.falaj.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.benchmarks.load.LoadRun;
import ai.falaj.benchmarks.load.LoadTarget;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RequestTimeline;
import ai.falaj.benchmarks.load.Workload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterleavedRoundsTest {

  private final List<String> order = new ArrayList<>();
  private final List<Workload> seen = new ArrayList<>();

  @Test
  void letsEveryWayBeginNowAndThenAndGivesAllTheSameLoad() throws Exception {
    List<String> lines = new ArrayList<>();
    InterleavedRounds rounds =
        new InterleavedRounds(
            List.of(new Way("a", target("a", 1)), new Way("b", target("b", 2))), 2);
    RandomWorkloads workloads = new RandomWorkloads(100, 1);
    rounds.run(2, round -> workloads.uniform(3, 2, 2), lines::add);

    assertThat(order).containsExactly("a", "b", "b", "a", "a", "b");
    assertThat(seen.get(2)).isEqualTo(seen.get(3)).isNotEqualTo(seen.get(4));
    assertThat(lines).hasSize(4);
    assertThat(rounds.results()).hasSize(4);
  }

  @Test
  void comparesRoundByRound() throws Exception {
    InterleavedRounds rounds =
        new InterleavedRounds(
            List.of(new Way("a", target("a", 1)), new Way("b", target("b", 4))), 1);
    RandomWorkloads workloads = new RandomWorkloads(100, 1);
    rounds.run(3, round -> workloads.uniform(1, 2, 2), line -> {});

    assertThat(rounds.ratio("b", "a", WayRound::tokensPerSecond)).isCloseTo(4, within(1e-9));
    assertThat(rounds.fastest(List.of("a", "b"))).isEqualTo("b");
  }

  @Test
  void givesASlowWayLessOfTheLoad() throws Exception {
    InterleavedRounds rounds = new InterleavedRounds(List.of(new Way("a", target("a", 1), 2)), 1);
    RandomWorkloads workloads = new RandomWorkloads(100, 1);
    rounds.run(1, round -> workloads.uniform(5, 2, 2), line -> {});

    assertThat(rounds.results()).extracting(WayRound::requests).containsExactly(2);
  }

  /** Each request takes a second by the speed. */
  private LoadTarget target(String name, double speed) {
    return new LoadTarget() {
      @Override
      public LoadRun run(Workload workload, int clients) {
        order.add(name);
        seen.add(workload);
        long end = (long) (1e9 / speed);
        return new LoadRun(
            workload.requests().stream()
                .map(
                    request ->
                        new RequestTimeline(0, new long[] {end / 2, end}, end, request.newTokens()))
                .toList());
      }

      @Override
      public void close() {}
    };
  }
}
