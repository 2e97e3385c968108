package ai.falaj.benchmarks.paced;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Times as the text of tokens: whoever reads the text knows how long it was under way, whatever it
 * was put together with. Microseconds since the epoch, by the clock of this machine.
 */
public final class Stamps {

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private Stamps() {}

  /** Microseconds since the epoch. */
  public static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * MICROS_PER_SECOND + now.getNano() / NANOS_PER_MICRO;
  }

  /** The text of a token that was made then. */
  public static String text(long micros) {
    return micros + " ";
  }

  /**
   * The stamps of the tokens that a text is made of, in order.
   *
   * @throws NumberFormatException where it is not made of stamps
   */
  public static List<Long> of(String text) {
    return text.isEmpty() ? List.of() : Stream.of(text.split(" ")).map(Long::valueOf).toList();
  }
}
