package ai.falaj.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RuntimeTargetTest {

  @Test
  void neverHasMoreRequestsOpenThanClientsAndRunsThemAll() throws Exception {
    try (RuntimeTarget target =
        RuntimeTarget.open(FakeRuntimeSpec.builder("fake").maxSequences(8).build())) {
      LoadRun run = target.run(new RandomWorkloads(100, 1).uniform(20, 4, 6), 3);
      assertThat(run.requests()).hasSize(20);
      assertThat(run.tokens()).isEqualTo(120);
      assertThat(((FakeRuntime) target.runtime()).maxRunning()).isBetween(1, 3);
    }
  }

  @Test
  void endsWithTheFirstFailure() throws Exception {
    InjectedFailure failure = new InjectedFailure("load-2", 1, RuntimeErrorCode.ENGINE_FAILURE, 1);
    try (RuntimeTarget target =
        RuntimeTarget.open(FakeRuntimeSpec.builder("fake").fail(failure).build())) {
      Workload workload = new RandomWorkloads(100, 1).uniform(20, 4, 6);
      assertThatThrownBy(() -> target.run(workload, 2)).isInstanceOf(BenchmarkException.class);
    }
  }
}
