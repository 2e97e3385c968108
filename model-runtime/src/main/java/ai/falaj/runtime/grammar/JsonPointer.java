package ai.falaj.runtime.grammar;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Places in a JSON document, RFC 6901. Any thread. */
final class JsonPointer {

  static final String ROOT = "";

  private JsonPointer() {}

  static String child(String path, String key) {
    return path + "/" + key.replace("~", "~0").replace("/", "~1");
  }

  static String child(String path, int index) {
    return path + "/" + index;
  }

  /**
   * The pointer in the fragment of a {@code $ref}, such as {@code #/$defs/a}; absent if it names
   * another document or an anchor.
   */
  static Optional<String> ofReference(String reference) {
    if (reference.equals("#")) {
      return Optional.of(ROOT);
    }
    if (!reference.startsWith("#/")) {
      return Optional.empty();
    }
    String fragment = reference.substring(1);
    if (!fragment.contains("%")) {
      return Optional.of(fragment);
    }
    try {
      return Optional.of(URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notPercentEncoded) {
      return Optional.empty();
    }
  }
}
