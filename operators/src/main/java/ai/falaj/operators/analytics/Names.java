package ai.falaj.operators.analytics;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Names that clients chose, made fit for keys. */
public final class Names {

  /** All names beyond a limit. A client that uses it as a name is counted among them. */
  public static final String OTHER = "(other)";

  static final int MAX_CHARS = 128;

  private static final int KEPT_CHARS = 90;

  private Names() {}

  /**
   * The name itself, or, where it is longer than {@value #MAX_CHARS} characters, its beginning with
   * a hash of all of it: two long names stay two.
   */
  public static String bounded(CharSequence name) {
    String text = name.toString();
    if (text.length() <= MAX_CHARS) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(KEPT_CHARS - 1)) ? KEPT_CHARS - 1 : KEPT_CHARS;
    return text.substring(0, end)
        + "~"
        + UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
