package ai.falaj.runtime.grammar;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values of {@code format}, as patterns that match a part of what each allows and nothing else.
 * Dates are days of the Gregorian calendar from year 1 to 9999, leap years included. Any thread.
 */
final class Formats {

  private static final String YEAR = "(?:\\d{3}[1-9]|\\d\\d[1-9]\\d|\\d[1-9]\\d\\d|[1-9]\\d{3})";
  private static final String DAY_OF_ANY_YEAR =
      "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
          + "|02-(?:0[1-9]|1\\d|2[0-8]))";
  private static final String LEAP_TWO_DIGITS = "(?:0[48]|[2468][048]|[13579][26])";
  private static final String LEAP_DAY =
      "(?:\\d\\d" + LEAP_TWO_DIGITS + "|" + LEAP_TWO_DIGITS + "00)-02-29";
  private static final String DATE = "(?:" + YEAR + "-" + DAY_OF_ANY_YEAR + "|" + LEAP_DAY + ")";
  private static final String TIME =
      "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|\\+(?:0\\d|1[0-3]):[0-5]\\d|-(?:0[1-9]|1[0-2]):[0-5]\\d)";

  private static final String SECONDS = "\\d{1,4}S";
  private static final String MINUTES = "\\d{1,4}M(?:" + SECONDS + ")?";
  private static final String HOURS = "\\d{1,4}H(?:" + MINUTES + ")?";
  private static final String CLOCK = "T(?:" + HOURS + "|" + MINUTES + "|" + SECONDS + ")";
  private static final String DAYS = "\\d{1,4}D";
  private static final String MONTHS = "\\d{1,4}M(?:" + DAYS + ")?";
  private static final String YEARS = "\\d{1,4}Y(?:" + MONTHS + ")?";
  private static final String DURATION =
      "P(?:\\d{1,4}W|(?:"
          + YEARS
          + "|"
          + MONTHS
          + "|"
          + DAYS
          + ")(?:"
          + CLOCK
          + ")?|"
          + CLOCK
          + ")";

  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
  private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,3}";

  private static final Map<String, String> PATTERNS =
      Map.of(
          "date",
          DATE,
          "time",
          TIME,
          "date-time",
          DATE + "T" + TIME,
          "duration",
          DURATION,
          "uuid",
          "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
          "ipv4",
          BYTE + "(?:\\." + BYTE + "){3}",
          "ipv6",
          "(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}",
          "hostname",
          HOST);

  /** By format, made when first asked for: dates alone take milliseconds. */
  private static final Map<String, Automaton> AUTOMATA = new ConcurrentHashMap<>();

  private Formats() {}

  static boolean isKnown(String format) {
    return PATTERNS.containsKey(format);
  }

  /** The texts of a known format. */
  static Automaton automaton(String format) throws UnsupportedFormatException {
    Automaton known = AUTOMATA.get(format);
    if (known == null) {
      known = Automaton.of(RegexParser.parse(PATTERNS.get(format)), JsonPointer.ROOT);
      AUTOMATA.put(format, known);
    }
    return known;
  }

  static String names() {
    return String.join(", ", PATTERNS.keySet().stream().sorted().toList());
  }
}
