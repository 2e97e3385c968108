package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long a request may take.
 *
 * @param attempt from its submission to the runtime to its end there; what is longer counts as a
 *     failure, and goes on from its tokens in the next attempt. Zero: no limit
 * @param total from its arrival to its result; what is longer becomes a dead letter. Zero: no limit
 */
public record Timeouts(Duration attempt, Duration total) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final Timeouts NONE = new Timeouts(Duration.ZERO, Duration.ZERO);

  public Timeouts {
    if (attempt.isNegative() || total.isNegative()) {
      throw new IllegalArgumentException(
          "attempt timeout is %s and total timeout %s; both must be 0 (none) or more"
              .formatted(attempt, total));
    }
  }
}
