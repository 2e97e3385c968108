package ai.falaj.runtime.text;

import java.util.List;

/**
 * Finds the first stop string in a text that arrives in pieces, and holds back what may become one.
 *
 * <p>The text ends as soon as a stop string is complete: where several match, the one that is
 * complete first wins, and of those that are complete at the same character the longest. The result
 * therefore depends on the text alone, never on how it was cut into pieces.
 *
 * <p>Every character is looked at once per stop string (Knuth-Morris-Pratt), and no more is held
 * back than the longest stop string is long. Confined to one thread.
 */
public final class StopStrings {

  private final List<Matcher> matchers;

  /** The end of the text that the longest unfinished match covers. */
  private final StringBuilder held = new StringBuilder();

  private boolean matched;

  /**
   * @param stops none of them empty
   */
  public StopStrings(List<String> stops) {
    this.matchers = stops.stream().map(Matcher::new).toList();
  }

  /**
   * Adds a piece of text and returns what can be shown: all before a stop string, or all that
   * cannot be the start of one. Returns nothing once {@link #matched()}.
   */
  public String append(String piece) {
    if (matched) {
      return "";
    }
    if (matchers.isEmpty()) {
      return piece;
    }
    for (int index = 0; index < piece.length(); index++) {
      char character = piece.charAt(index);
      held.append(character);
      int completeLength = longestComplete(character);
      if (completeLength > 0) {
        matched = true;
        return release(completeLength);
      }
    }
    return release(longestUnfinished());
  }

  /** Releases what was held back: the text ended otherwise. */
  public String finish() {
    return matched ? "" : release(0);
  }

  /** Whether a stop string came. */
  public boolean matched() {
    return matched;
  }

  /** Feeds all matchers; returns the length of the longest stop string that is complete, or 0. */
  private int longestComplete(char character) {
    int longest = 0;
    for (Matcher matcher : matchers) {
      if (matcher.accept(character)) {
        longest = Math.max(longest, matcher.matchedLength);
      }
    }
    return longest;
  }

  private int longestUnfinished() {
    int longest = 0;
    for (Matcher matcher : matchers) {
      longest = Math.max(longest, matcher.matchedLength);
    }
    return longest;
  }

  /** Returns the held text but for its last {@code keptLength} chars, which it goes on to hold. */
  private String release(int keptLength) {
    int length = held.length() - keptLength;
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  /** How much of one stop string the text ends with. */
  private static final class Matcher {

    private final String stop;

    /**
     * By the index of a stop string's char: how many of its first chars the text still ends with
     * when all before that index matched and that one does not.
     */
    private final int[] fallback;

    private int matchedLength;

    Matcher(String stop) {
      if (stop.isEmpty()) {
        throw new IllegalArgumentException("a stop string is empty");
      }
      this.stop = stop;
      this.fallback = new int[stop.length()];
      int border = 0;
      for (int index = 1; index < stop.length(); index++) {
        fallback[index] = border;
        while (border > 0 && stop.charAt(index) != stop.charAt(border)) {
          border = fallback[border];
        }
        if (stop.charAt(index) == stop.charAt(border)) {
          border++;
        }
      }
    }

    /** Returns whether the stop string is complete, after which nothing more may come. */
    boolean accept(char character) {
      while (matchedLength > 0 && stop.charAt(matchedLength) != character) {
        matchedLength = fallback[matchedLength];
      }
      if (stop.charAt(matchedLength) == character) {
        matchedLength++;
      }
      return matchedLength == stop.length();
    }
  }
}
