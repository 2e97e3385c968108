package ai.falaj.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.simulation.cost.HardwareProfile;
import ai.falaj.benchmarks.simulation.cost.ProfileException;
import ai.falaj.benchmarks.simulation.cost.ProfileFiles;
import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.policy.Policy;
import ai.falaj.benchmarks.simulation.policy.SimulatedScheduler;
import ai.falaj.benchmarks.simulation.trace.SyntheticWorkload;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.benchmarks.simulation.trace.Trace;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {

  private static final TenantMix TENANTS =
      new TenantMix(
          List.of(new TenantMix.Tenant("gold", 3, null), new TenantMix.Tenant("bronze", 1, null)));

  private final HardwareProfile profile;

  SimulationTest() throws ProfileException {
    profile = ProfileFiles.read("k2-think-32b-h100");
  }

  /** Outcomes and progress refuse times and positions that run backwards; the rest is here. */
  @ParameterizedTest
  @ValueSource(
      strings = {"adaptive", "adaptive=1", "chunked=64", "whole-prompts", "static", "one-queue"})
  void endsEachRequestOnceWithAllItsTokensInTime(String policy) {
    Trace trace = load(400, 2);

    SimulationResult result = simulate(policy, trace);

    Set<TraceRequest> ended = new HashSet<>();
    for (RequestOutcome outcome : result.outcomes()) {
      assertThat(ended.add(outcome.request())).as("%s ends once", outcome.request()).isTrue();
    }
    assertThat(ended).containsExactlyInAnyOrderElementsOf(trace.requests());
    int tokens = trace.requests().stream().mapToInt(TraceRequest::newTokens).sum();
    assertThat(result.sortedGapNanos()).hasSize(tokens - trace.requests().size());
    assertThat(result.sortedGapNanos()).isSorted();
    assertThat(result.sortedGapNanos()[0]).isPositive();
    assertThat(result.use().busyShare()).isBetween(0.5, 1.0);
    assertThat(result.use().arithmeticShare()).isLessThan(result.use().busyShare());
  }

  @Test
  void givesTheSameReportFromTheSameSettings() {
    SweepSettings settings =
        new SweepSettings(
            "test",
            List.of(Policy.parse("adaptive"), Policy.parse("static")),
            List.of(0.5, 1.2),
            TENANTS,
            4);
    Trace trace = SyntheticWorkload.CODE.generate(200, 4);

    SweepReport first = new LoadSweep(settings, profile, trace).run(done -> {});
    SweepReport second = new LoadSweep(settings, profile, trace).run(done -> {});

    assertThat(first).isEqualTo(second);
    assertThat(first.points()).hasSize(4);
  }

  @Test
  void countsEverySimulationOfASweep() {
    SweepSettings settings =
        new SweepSettings(
            "test", List.of(Policy.parse("chunked=512")), List.of(0.3, 0.6), TenantMix.ONE, 1);
    Set<Integer> done = new HashSet<>();

    new LoadSweep(settings, profile, SyntheticWorkload.CODE.generate(50, 1)).run(done::add);

    assertThat(done).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(settings.simulations()).isEqualTo(3);
  }

  /** Half the capacity is met by all; what waits grows with the load. */
  @Test
  void waitsLongerUnderMoreLoad() {
    double light = Latencies.of(simulate("adaptive", load(600, 0.5)).outcomes()).ttftP50Ms();
    double heavy = Latencies.of(simulate("adaptive", load(600, 3)).outcomes()).ttftP50Ms();

    assertThat(heavy).isGreaterThan(10 * light);
  }

  @Test
  void crashesOnASchedulerThatForgetsARequest() {
    SimulatedScheduler forgetful =
        new SimulatedScheduler() {
          @Override
          public void enqueue(TraceRequest request) {}

          @Override
          public StepShape plan(long nowMs) {
            return StepShape.IDLE;
          }

          @Override
          public void apply(Set<Long> finished, long durationNanos) {}
        };

    Simulation simulation =
        new Simulation(forgetful, profile.costModel(), load(10, 1), TenantMix.ONE);

    assertThatThrownBy(simulation::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("unfinished");
  }

  private Trace load(int requests, double requestsPerSecond) {
    return SyntheticWorkload.CONVERSATION
        .generate(requests, 9)
        .clippedTo(profile.contextTokensPerSequence())
        .atRate(requestsPerSecond);
  }

  private SimulationResult simulate(String policy, Trace trace) {
    return new Simulation(
            Policy.parse(policy).newScheduler(profile, TenantMix.ONE, 1),
            profile.costModel(),
            trace,
            TenantMix.ONE)
        .run();
  }
}
