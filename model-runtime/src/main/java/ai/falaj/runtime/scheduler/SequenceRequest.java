package ai.falaj.runtime.scheduler;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * What the scheduler knows of a sequence: sizes and urgency, no text.
 *
 * @param id unique among the sequences of one scheduler
 * @param promptTokens at least 1
 * @param priority higher is served earlier
 * @param deadlineMs on the clock that is handed to {@link Scheduler#plan}; it has passed when the
 *     clock shows it
 */
public record SequenceRequest(long id, int promptTokens, int priority, OptionalLong deadlineMs) {

  public SequenceRequest {
    Objects.requireNonNull(deadlineMs, "deadlineMs");
    if (promptTokens < 1) {
      throw new IllegalArgumentException(
          "promptTokens is " + promptTokens + "; it must be 1 or more");
    }
  }

  boolean isPastDeadline(long nowMs) {
    return deadlineMs.isPresent() && nowMs >= deadlineMs.getAsLong();
  }
}
