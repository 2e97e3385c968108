package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.policy.Policy;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import java.util.List;

/**
 * What a {@link LoadSweep} compares.
 *
 * @param title of the report and its plots
 * @param loads as shares of what saturates the engine, each above 0
 * @param seed of who sends which request, and of the tokens of prompts
 */
public record SweepSettings(
    String title, List<Policy> policies, List<Double> loads, TenantMix tenants, long seed) {

  public SweepSettings {
    policies = List.copyOf(policies);
    loads = List.copyOf(loads);
    if (policies.isEmpty() || loads.isEmpty()) {
      throw new IllegalArgumentException("a sweep needs a policy and a load");
    }
    for (double load : loads) {
      if (!(load > 0 && load <= 100)) {
        throw new IllegalArgumentException(
            "a load is " + load + "; it must be above 0 and at most 100 times saturation");
      }
    }
  }

  /** Simulations of the whole sweep, the one that finds the saturation included. */
  public int simulations() {
    return 1 + policies.size() * loads.size();
  }
}
