package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.cost.HardwareProfile;
import ai.falaj.benchmarks.simulation.policy.Policy;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.benchmarks.simulation.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Simulates every policy under every load. Loads are shares of the rate at which the engine works
 * off a backlog, so that they mean the same on every machine and for every trace. Confined to one
 * thread; the same settings always give the same report.
 */
public final class LoadSweep {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final Policy SATURATION_POLICY = Policy.parse("chunked=512");

  private final SweepSettings settings;
  private final HardwareProfile profile;
  private final Trace trace;

  /**
   * @param trace is cut to the slots of the profile
   */
  public LoadSweep(SweepSettings settings, HardwareProfile profile, Trace trace) {
    this.settings = settings;
    this.profile = profile;
    this.trace = trace.clippedTo(profile.contextTokensPerSequence());
  }

  /**
   * @param simulationDone told of the number of simulations that are done
   */
  public SweepReport run(IntConsumer simulationDone) {
    double saturation = saturationRequestsPerSecond();
    int done = 1;
    simulationDone.accept(done);
    List<SweepPoint> points = new ArrayList<>();
    for (Policy policy : settings.policies()) {
      for (double load : settings.loads()) {
        points.add(point(policy, load, load * saturation));
        simulationDone.accept(++done);
      }
    }
    return new SweepReport(
        settings.title(),
        profile.name(),
        trace.name(),
        trace.requests().size(),
        trace.meanPromptTokens(),
        trace.meanNewTokens(),
        settings.seed(),
        saturation,
        settings.tenants(),
        points);
  }

  private SweepPoint point(Policy policy, double load, double requestsPerSecond) {
    TenantMix tenants = settings.tenants();
    Trace offered = tenants.assign(trace.atRate(requestsPerSecond), load, settings.seed());
    return SweepPoint.of(
        policy.name(), load, requestsPerSecond, simulate(policy, offered, tenants));
  }

  /** Requests that end, by the time until the last of a backlog has its first token. */
  private double saturationRequestsPerSecond() {
    SimulationResult result = simulate(SATURATION_POLICY, trace.allAtOnce(), TenantMix.ONE);
    long lastFirstToken =
        result.outcomes().stream().mapToLong(RequestOutcome::firstTokenNanos).max().orElseThrow();
    long ended =
        result.outcomes().stream()
            .filter(outcome -> outcome.lastTokenNanos() <= lastFirstToken)
            .count();
    return ended * NANOS_PER_SECOND / lastFirstToken;
  }

  private SimulationResult simulate(Policy policy, Trace offered, TenantMix tenants) {
    return new Simulation(
            policy.newScheduler(profile, tenants, settings.seed()),
            profile.costModel(),
            offered,
            tenants)
        .run();
  }
}
