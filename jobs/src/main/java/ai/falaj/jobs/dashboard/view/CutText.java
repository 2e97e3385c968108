package ai.falaj.jobs.dashboard.view;

/** Cuts texts, never inside a code point. Stateless. */
public final class CutText {

  private CutText() {}

  /** The first so many characters, or one less where that would split a code point. */
  public static String beginning(String text, int characters) {
    if (text.length() <= characters) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(characters - 1));
    return text.substring(0, splits ? characters - 1 : characters);
  }
}
