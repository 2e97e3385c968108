package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * Whether the operator keeps what was said before, so that requests bring only what is new.
 *
 * @param timeToLive how long a conversation is kept after its last turn began or ended; zero: not
 *     at all
 * @param maxTokens estimated tokens of the turns that are kept; the oldest turns are dropped whole
 *     where there are more, the system message and the newest turn never
 */
public record ConversationOptions(Duration timeToLive, int maxTokens) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final ConversationOptions NONE = new ConversationOptions(Duration.ZERO, 2_048);

  public ConversationOptions {
    if (timeToLive.isNegative() || maxTokens < 1) {
      throw new IllegalArgumentException(
          "timeToLive is %s and maxTokens %d; the first must be 0 (off) or more, the second 1 or more"
              .formatted(timeToLive, maxTokens));
    }
  }

  boolean isEnabled() {
    return !timeToLive.isZero();
  }
}
