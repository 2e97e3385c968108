package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A soak.
 *
 * @param spec of the runtime, opened anew for each cycle. Faults inside an engine come in here: by
 *     a spec whose runtime fails now and then
 * @param adapters that the runtime loads
 * @param injectedFailures codes that such faults make right for any request
 * @param duration of all cycles together; the last one is finished
 * @param cycle how long a runtime is open
 */
public record SoakSettings(
    List<RuntimeSpec> specs,
    List<String> adapters,
    Set<RuntimeErrorCode> injectedFailures,
    Duration duration,
    Duration cycle,
    long seed) {

  private static final int CYCLES = 24;
  private static final long SHORTEST_CYCLE_MS = 1_000;
  private static final long LONGEST_CYCLE_MS = 60_000;

  public SoakSettings {
    specs = List.copyOf(specs);
    adapters = List.copyOf(adapters);
    injectedFailures = Set.copyOf(injectedFailures);
    if (specs.isEmpty()) {
      throw new IllegalArgumentException("a soak needs one runtime or more");
    }
    if (duration.isNegative() || duration.isZero() || cycle.isNegative() || cycle.isZero()) {
      throw new IllegalArgumentException(
          "the soak takes %s and a cycle %s; both must be longer than nothing"
              .formatted(duration, cycle));
    }
  }

  /** A soak without faults of the engine, in some two dozen cycles or more. */
  public static SoakSettings of(
      List<RuntimeSpec> specs, List<String> adapters, Duration duration, long seed) {
    long cycleMs =
        Math.max(SHORTEST_CYCLE_MS, Math.min(LONGEST_CYCLE_MS, duration.toMillis() / CYCLES));
    return new SoakSettings(specs, adapters, Set.of(), duration, Duration.ofMillis(cycleMs), seed);
  }
}
