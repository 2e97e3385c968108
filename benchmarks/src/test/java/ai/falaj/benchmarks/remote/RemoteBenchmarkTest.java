package ai.falaj.benchmarks.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.falaj.benchmarks.report.BenchmarkReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoteBenchmarkTest {

  @Test
  void measuresRoundsAgainstAServerOfItsOwn() throws Exception {
    List<String> told = new ArrayList<>();
    BenchmarkReport<RemoteLoad, RemoteRound> report =
        new RemoteBenchmark(new RemoteLoad(5, 2, 4, 20, 5, 2), List.of()).run(told::add);

    assertThat(told).hasSize(3);
    assertThat(report.rounds())
        .hasSize(2)
        .allSatisfy(
            round -> {
              assertThat(round.wallMs()).as("never faster than the server").isGreaterThan(69);
              assertThat(round.idealShare()).isBetween(0.01, 1.01);
              assertThat(round.mostAtServer()).isEqualTo(5);
              assertThat(round.requests()).isEqualTo(10);
              assertThat(round.peakThreads()).isGreaterThanOrEqualTo(round.threadsBefore());
              assertThat(round.firstTextP95Ms()).isGreaterThanOrEqualTo(20);
            });
    assertThat(report.verdicts()).hasSize(2);
  }

  @Test
  void knowsTheIdeal() {
    RemoteLoad load = new RemoteLoad(500, 3, 100, 200, 25, 1);
    assertThat(load.idealTokensPerSecond()).isEqualTo(500 * 100 / 2.675);
    assertThat(load.totalTokens()).isEqualTo(150_000);
    assertThatIllegalArgumentException().isThrownBy(() -> new RemoteLoad(0, 1, 1, 0, 0, 1));
  }
}
