package ai.falaj.operators;

/** Texts of clients in messages. */
public final class Texts {

  /** Names that clients chose are shown up to this length. */
  private static final int MAX_SHOWN_CHARS = 100;

  private Texts() {}

  public static String shown(String name) {
    return name.length() <= MAX_SHOWN_CHARS ? name : name.substring(0, MAX_SHOWN_CHARS) + "...";
  }

  static long utf8Bytes(CharSequence text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
