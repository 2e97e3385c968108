package ai.falaj.jobs.eval.grading;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Units of everyday problems that can be converted, and words of currency that may stand before an
 * amount. A unit that is not here is left out of a comparison.
 */
final class Units {

  /**
   * A unit that is known.
   *
   * @param dimension what it measures
   * @param numerator of the factor that brings an amount to the dimension's base unit
   */
  record Unit(String dimension, long numerator, long denominator) {}

  private static final Map<String, Unit> KNOWN = new HashMap<>();

  private static final Set<String> CURRENCIES =
      Set.of("usd", "aed", "sar", "egp", "eur", "gbp", "inr", "rs", "us", "dhs");

  static {
    put("length in metres", 1, 1_000, "mm", "millimeter", "millimeters", "millimetres");
    put("length in metres", 1, 100, "cm", "centimeter", "centimeters", "centimetres", "سم");
    put(
        "length in metres",
        1,
        1,
        "m",
        "meter",
        "meters",
        "metre",
        "metres",
        "متر",
        "متراً",
        "أمتار");
    put("length in metres", 1_000, 1, "km", "kilometer", "kilometers", "kilometres", "كم");
    put("length in inches", 1, 1, "in", "inch", "inches");
    put("length in inches", 12, 1, "ft", "foot", "feet");
    put("length in inches", 36, 1, "yd", "yard", "yards");
    put("length in inches", 63_360, 1, "mi", "mile", "miles");
    put("mass in grams", 1, 1_000, "mg", "milligram", "milligrams");
    put("mass in grams", 1, 1, "g", "gram", "grams", "غرام", "جرام");
    put("mass in grams", 1_000, 1, "kg", "kilogram", "kilograms", "كغ", "كجم");
    put("mass in ounces", 1, 1, "oz", "ounce", "ounces");
    put("mass in ounces", 16, 1, "lb", "lbs", "pound", "pounds");
    put("time in seconds", 1, 1, "s", "sec", "secs", "second", "seconds", "ثانية", "ثوان");
    put("time in seconds", 60, 1, "min", "mins", "minute", "minutes", "دقيقة", "دقائق");
    put("time in seconds", 3_600, 1, "h", "hr", "hrs", "hour", "hours", "ساعة", "ساعات");
    put("time in seconds", 86_400, 1, "d", "day", "days", "يوم", "يوماً", "أيام");
    put("time in seconds", 604_800, 1, "week", "weeks", "أسبوع", "أسابيع");
    put("volume in litres", 1, 1_000, "ml", "milliliter", "milliliters", "millilitres");
    put("volume in litres", 1, 1, "l", "liter", "liters", "litre", "litres", "لتر", "لترات");
    put("money in dollars", 1, 100, "cent", "cents");
    put("money in dollars", 1, 1, "dollar", "dollars", "usd", "دولار", "دولاراً", "دولارات");
  }

  private Units() {}

  private static void put(String dimension, long numerator, long denominator, String... names) {
    for (String name : names) {
      KNOWN.put(name, new Unit(dimension, numerator, denominator));
    }
  }

  static boolean isKnown(String name) {
    return KNOWN.containsKey(key(name));
  }

  static Optional<Unit> find(String name) {
    return Optional.ofNullable(KNOWN.get(key(name)));
  }

  /** Whether the word may stand before an amount of money. */
  static boolean isCurrency(String word) {
    return CURRENCIES.contains(key(word));
  }

  private static String key(String name) {
    return name.strip().replaceAll("\\.$", "").toLowerCase(Locale.ROOT);
  }
}
