package ai.falaj.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * The Kafka header that says how often a record was sent again after it had become a dead letter:
 * {@value #NAME}, a decimal number in ASCII. A record that a client sends has none. If the record
 * fails again, its next {@link DeadLetter} carries the number as {@code retries}, so that whoever
 * retries it once more counts on.
 */
public final class RetryHeader {

  public static final String NAME = "falaj-retry";

  /** A longer number is nobody's count. */
  private static final int MAX_DIGITS = 9;

  private RetryHeader() {}

  /** The number of the last such header; 0 where there is none, or one that is no number. */
  public static int read(Headers headers) {
    Header header = headers.lastHeader(NAME);
    if (header == null || header.value() == null || header.value().length > MAX_DIGITS) {
      return 0;
    }
    String digits = new String(header.value(), StandardCharsets.US_ASCII);
    return digits.matches("[0-9]+") ? Integer.parseInt(digits) : 0;
  }

  /**
   * @param retry 1 for the first time that the record is sent again
   */
  public static void write(int retry, Headers headers) {
    if (retry < 1 || retry > 999_999_999) {
      throw new IllegalArgumentException("retry is " + retry + "; it must be 1 to 999999999");
    }
    headers.add(NAME, Integer.toString(retry).getBytes(StandardCharsets.US_ASCII));
  }
}
