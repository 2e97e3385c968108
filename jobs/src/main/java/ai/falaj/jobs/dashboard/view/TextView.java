package ai.falaj.jobs.dashboard.view;

/**
 * A text as a list or a trace has it.
 *
 * @param text its beginning; null where texts are hidden or it is not kept any more
 * @param characters of the whole, as {@code String.length} counts
 * @param cut whether there is more than {@code text}; null without a text
 */
public record TextView(String text, long characters, Boolean cut) {

  /** Enough to read, and far from what a browser would choke on. */
  public static final int MOST_CHARACTERS = 65_536;

  /** The beginning of a text. */
  public static TextView of(String text, long characters) {
    String beginning = CutText.beginning(text, MOST_CHARACTERS);
    return new TextView(beginning, characters, beginning.length() < characters);
  }

  /** A text of which nothing is shown. */
  public static TextView hidden(long characters) {
    return new TextView(null, characters, null);
  }
}
