package ai.falaj.jobs.client;

import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Where reading a topic starts. */
public sealed interface StartPoint {

  /** At the oldest record there is. */
  record Beginning() implements StartPoint {}

  /** With what is written from now on. */
  record End() implements StartPoint {}

  /** At the first record of that time or later. */
  record Timestamp(Instant time) implements StartPoint {}

  /**
   * Reads {@code beginning}, {@code end}, a time such as {@code 2027-01-31T08:00:00Z}, or
   * milliseconds since the epoch.
   *
   * @throws IllegalArgumentException where the text is none of them
   */
  static StartPoint parse(String text) {
    if (text.equals("beginning")) {
      return new Beginning();
    }
    if (text.equals("end")) {
      return new End();
    }
    try {
      return new Timestamp(
          text.matches("\\d{1,18}")
              ? Instant.ofEpochMilli(Long.parseLong(text))
              : Instant.parse(text));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          text + " is no start; write beginning, end or a time such as 2027-01-31T08:00:00Z", e);
    }
  }
}
