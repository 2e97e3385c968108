package ai.falaj.runtime.llamacpp;

import java.time.Duration;
import java.util.Optional;

/**
 * Tells from a counter of steps how long ago it last moved, to within the time between two looks.
 * Any thread.
 */
final class StepWatch {

  private long lastSteps;
  private long lastChangeNanos;

  /**
   * @return empty while there was no step yet
   */
  synchronized Optional<Duration> sinceLastStep(long steps, long nowNanos) {
    if (steps != lastSteps) {
      lastSteps = steps;
      lastChangeNanos = nowNanos;
    }
    return steps == 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(nowNanos - lastChangeNanos));
  }
}
