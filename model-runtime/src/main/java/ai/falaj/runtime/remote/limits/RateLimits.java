package ai.falaj.runtime.remote.limits;

import java.io.Serializable;
import java.util.OptionalLong;

/**
 * What a key may use per minute.
 *
 * @param requestsPerMinute {@link #UNLIMITED} for as many as the server takes
 * @param tokensPerMinute prompt and completion tokens; {@link #UNLIMITED} for as many as the server
 *     takes
 */
public record RateLimits(long requestsPerMinute, long tokensPerMinute) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Whatever the server takes. */
  public static final RateLimits NONE = new RateLimits(UNLIMITED, UNLIMITED);

  public RateLimits {
    if (requestsPerMinute < 1 || tokensPerMinute < 1) {
      throw new IllegalArgumentException(
          "limits are %d requests and %d tokens per minute; they must be 1 or more"
              .formatted(requestsPerMinute, tokensPerMinute));
    }
  }

  OptionalLong requests() {
    return ofLimit(requestsPerMinute);
  }

  OptionalLong tokens() {
    return ofLimit(tokensPerMinute);
  }

  private static OptionalLong ofLimit(long perMinute) {
    return perMinute == UNLIMITED ? OptionalLong.empty() : OptionalLong.of(perMinute);
  }
}
