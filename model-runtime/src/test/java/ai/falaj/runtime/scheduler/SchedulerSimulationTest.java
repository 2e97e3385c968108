package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.SchedulerSimulation.Event;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Many seeds of {@link SchedulerSimulation}: {@code -Dfalaj.simulation.seed=N} runs one of them,
 * {@code -Dfalaj.simulation.count=N} as many from there, or from 0.
 */
class SchedulerSimulationTest {

  private static final String SEED = "falaj.simulation.seed";
  private static final String COUNT = "falaj.simulation.count";
  private static final int DEFAULT_COUNT = 10_000;

  @Test
  void keepsItsRulesWhateverArrivesEndsOrFails() {
    long firstSeed = Long.getLong(SEED, 0);
    long count = Long.getLong(COUNT, System.getProperty(SEED) == null ? DEFAULT_COUNT : 1);
    Set<Event> events = EnumSet.noneOf(Event.class);
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      events.addAll(run(seed));
    }
    if (count >= DEFAULT_COUNT) {
      assertThat(events).as("what happened at all").containsExactly(Event.values());
    }
  }

  private static Set<Event> run(long seed) {
    try {
      return new SchedulerSimulation(seed).run();
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(
          "the simulation failed; run it again with -D%s=%d: %s"
              .formatted(SEED, seed, failure.getMessage()),
          failure);
    }
  }
}
