package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * Whether and how long requests wait for the tools that their model calls.
 *
 * @param enabled whether requests may bring tools; needs a stream that is keyed by {@link
 *     PromptKeys} and brings the responses
 * @param timeout how long the calls of one round may take; a restart of the job begins it anew
 * @param maxRounds how often a request may call tools before it must answer
 * @param onTimeout what becomes of a request whose tools did not answer
 */
public record ToolOptions(boolean enabled, Duration timeout, int maxRounds, OnTimeout onTimeout)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final ToolOptions NONE =
      new ToolOptions(false, Duration.ofMinutes(1), 8, OnTimeout.TELL_MODEL);

  /** What follows when a tool does not answer. */
  public enum OnTimeout {
    /** The model is told so and goes on. */
    TELL_MODEL,
    /** The request becomes a dead letter. */
    DEAD_LETTER
  }

  /** The time-out is what ends a wait for a tool that is gone, so there is always one. */
  public ToolOptions {
    if (timeout.isNegative() || timeout.isZero() || maxRounds < 1) {
      throw new IllegalArgumentException(
          "the tools' timeout is %s and maxRounds %d; the first must be more than 0, the second 1 or more"
              .formatted(timeout, maxRounds));
    }
  }
}
