package ai.falaj.operators.reasoning;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How long a problem waits for its candidates, counted from its arrival: planning counts.
 *
 * @param soft when what is complete is taken; where nothing is, the first that will be
 * @param hard when waiting ends
 * @param onHard what happens then
 */
public record Patience(Duration soft, Duration hard, HardTimeoutAction onHard)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** As long as the public pipeline of K2 Think waits. */
  public static final Patience DEFAULT =
      new Patience(Duration.ofMinutes(20), Duration.ofHours(2), HardTimeoutAction.DEAD_LETTER);

  /**
   * @throws IllegalArgumentException naming both values and what must hold
   */
  public Patience {
    Objects.requireNonNull(onHard, "onHard");
    if (soft.isNegative() || soft.isZero() || hard.compareTo(soft) < 0) {
      throw new IllegalArgumentException(
          "soft time-out is %s and hard time-out %s; the first must be more than 0 and at most the second"
              .formatted(soft, hard));
    }
  }
}
