package ai.falaj.operators.analytics;

import java.util.List;
import java.util.stream.Stream;

/** Keys of several parts as one text. */
final class KeyText {

  static final char SEPARATOR = '|';

  private KeyText() {}

  /** A part without the separator, from which the part can be had back. */
  static String escape(String part) {
    return part.replace("%", "%25").replace("|", "%7C");
  }

  /** The parts, as they were before {@link #escape}. */
  static List<String> split(String key) {
    return Stream.of(key.split("\\|", -1))
        .map(part -> part.replace("%7C", "|").replace("%25", "%"))
        .toList();
  }
}
