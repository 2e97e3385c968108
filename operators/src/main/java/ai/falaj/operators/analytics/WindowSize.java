package ai.falaj.operators.analytics;

import java.time.Duration;
import java.util.Optional;

/**
 * The lengths of windows, shortest first. Each is a multiple of the one before, so that the sums of
 * a longer window are those of the shorter ones in it.
 */
enum WindowSize {
  TEN_SECONDS("10s", Duration.ofSeconds(10)),
  MINUTE("1m", Duration.ofMinutes(1)),
  HOUR("1h", Duration.ofHours(1));

  private final String text;
  private final long lengthMs;

  WindowSize(String text, Duration length) {
    this.text = text;
    this.lengthMs = length.toMillis();
  }

  /** As records name it. */
  String text() {
    return text;
  }

  long lengthMs() {
    return lengthMs;
  }

  /** Start of the window that holds an instant, both in milliseconds since 1970. */
  long startOf(long timestampMs) {
    return Math.floorDiv(timestampMs, lengthMs) * lengthMs;
  }

  /** Whether a window may start there. */
  boolean isStart(long timestampMs) {
    return Math.floorMod(timestampMs, lengthMs) == 0;
  }

  /** The last instant of a window. */
  long lastMs(long startMs) {
    return startMs + lengthMs - 1;
  }

  /** The next longer one; empty for the longest. */
  Optional<WindowSize> longer() {
    return ordinal() + 1 == values().length
        ? Optional.empty()
        : Optional.of(values()[ordinal() + 1]);
  }
}
