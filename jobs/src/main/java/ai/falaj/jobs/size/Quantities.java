package ai.falaj.jobs.size;

import ai.falaj.jobs.cli.CliException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them. Stateless. */
final class Quantities {

  private static final Pattern NUMBER = Pattern.compile("([0-9.]+(?:e[0-9]+)?)\\s*([kmbgt]?)");
  private static final Map<String, Double> SUFFIXES =
      Map.of("", 1.0, "k", 1e3, "m", 1e6, "b", 1e9, "g", 1e9, "t", 1e12);
  private static final Map<String, Double> SECONDS =
      Map.of("s", 1.0, "min", 60.0, "h", 3_600.0, "day", 86_400.0);

  private Quantities() {}

  /**
   * Such as {@code 250}, {@code 1.5M} or {@code 32.8B}.
   *
   * @param option for the message
   */
  static double number(String option, String text) {
    Matcher matcher = NUMBER.matcher(text.strip().toLowerCase(Locale.ROOT));
    try {
      if (matcher.matches()) {
        return Double.parseDouble(matcher.group(1)) * SUFFIXES.get(matcher.group(2));
      }
    } catch (NumberFormatException e) {
      throw noNumber(option, text);
    }
    throw noNumber(option, text);
  }

  /** Per second, of such as {@code 5/s}, {@code 3M/day}; without a unit per second. */
  static double perSecond(String option, String text) {
    int slash = text.indexOf('/');
    String unit = slash < 0 ? "s" : text.substring(slash + 1).strip().toLowerCase(Locale.ROOT);
    Double seconds = SECONDS.get(unit);
    if (seconds == null) {
      throw CliException.usage(option + " is " + text, "give it per s, min, h or day: 3M/day");
    }
    return number(option, slash < 0 ? text : text.substring(0, slash)) / seconds;
  }

  private static CliException noNumber(String option, String text) {
    return CliException.usage(option + " is " + text, "write a number such as 250, 1.5M or 32.8B");
  }
}
