package ai.falaj.operators.routing;

import ai.falaj.operators.routing.Route.Shadow;
import ai.falaj.operators.routing.Route.Target;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Routes as people write them: {@code MODEL:WEIGHT,MODEL:WEIGHT shadow MODEL:PERCENT,...}. A single
 * target needs no weight, and the shadows may be left out. What follows the last colon is the
 * number, so names may hold colons. Stateless.
 */
final class RouteText {

  private static final Pattern NAME = Pattern.compile("[^\\s,]+");
  private static final Pattern SHADOW = Pattern.compile("\\s+shadow\\s+");
  private static final String SYNTAX =
      "write MODEL:WEIGHT,MODEL:WEIGHT and, where wanted, shadow MODEL:PERCENT";

  private RouteText() {}

  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * @throws IllegalArgumentException naming the part that is wrong and the syntax
   */
  static Route parse(String text) {
    String[] parts = SHADOW.split(text.strip(), -1);
    if (parts.length > 2) {
      throw new IllegalArgumentException(
          "'%s' says shadow twice; name all shadows after one, separated by commas"
              .formatted(text));
    }
    List<Shadow> shadows = new ArrayList<>();
    if (parts.length == 2) {
      for (String entry : parts[1].split(",", -1)) {
        shadows.add(shadow(entry.strip()));
      }
    }
    return new Route(targets(parts[0]), shadows);
  }

  static String write(Route route) {
    String targets =
        route.targets().stream()
            .map(target -> target.model() + ":" + target.weight())
            .collect(Collectors.joining(","));
    if (route.shadows().isEmpty()) {
      return targets;
    }
    return route.shadows().stream()
        .map(shadow -> shadow.model() + ":" + plain(shadow.percent()))
        .collect(Collectors.joining(",", targets + " shadow ", ""));
  }

  private static List<Target> targets(String text) {
    if (isName(text) && text.indexOf(':') < 0) {
      return List.of(new Target(text, 1));
    }
    List<Target> targets = new ArrayList<>();
    for (String entry : text.split(",", -1)) {
      targets.add(target(entry.strip()));
    }
    return targets;
  }

  private static Target target(String entry) {
    int colon = colon(entry);
    try {
      return new Target(entry.substring(0, colon), Integer.parseInt(entry.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' has no whole number as its weight; %s".formatted(entry, SYNTAX), e);
    }
  }

  private static Shadow shadow(String entry) {
    int colon = colon(entry);
    try {
      double percent = new BigDecimal(entry.substring(colon + 1)).doubleValue();
      return new Shadow(entry.substring(0, colon), percent);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' has no number as its percentage; %s".formatted(entry, SYNTAX), e);
    }
  }

  private static int colon(String entry) {
    int colon = entry.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("'%s' names no part; %s".formatted(entry, SYNTAX));
    }
    return colon;
  }

  private static String plain(double percent) {
    return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
  }
}
