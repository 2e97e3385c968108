package ai.falaj.runtime.text;

import java.util.List;

/**
 * Finds the first stop string in a text that arrives in pieces, and holds back what may become one.
 *
 * <p>Where several match, the one that starts earliest ends the text. Confined to one thread.
 */
public final class StopStrings {

  private final List<String> stops;
  private final int longestStop;
  private final StringBuilder held = new StringBuilder();
  private boolean matched;

  /**
   * @param stops none of them empty
   */
  public StopStrings(List<String> stops) {
    this.stops = List.copyOf(stops);
    this.longestStop = stops.stream().mapToInt(String::length).max().orElse(0);
  }

  /**
   * Adds a piece of text and returns what can be shown: all before a stop string, or all that
   * cannot be the start of one. Returns nothing once {@link #matched()}.
   */
  public String append(String piece) {
    if (matched) {
      return "";
    }
    if (stops.isEmpty()) {
      return piece;
    }
    held.append(piece);
    int stopIndex = firstStopIndex();
    if (stopIndex >= 0) {
      matched = true;
      return take(stopIndex, held.length());
    }
    int shown = held.length() - possibleStopLength();
    return take(shown, shown);
  }

  /** Releases what was held back: the text ended otherwise. */
  public String finish() {
    return matched ? "" : take(held.length(), held.length());
  }

  /** Whether a stop string came. */
  public boolean matched() {
    return matched;
  }

  private int firstStopIndex() {
    int first = -1;
    for (String stop : stops) {
      int index = held.indexOf(stop);
      if (index >= 0 && (first < 0 || index < first)) {
        first = index;
      }
    }
    return first;
  }

  /** Length of the longest end of the held text that a stop string starts with. */
  private int possibleStopLength() {
    for (int length = Math.min(held.length(), longestStop - 1); length > 0; length--) {
      String end = held.substring(held.length() - length);
      for (String stop : stops) {
        if (stop.startsWith(end)) {
          return length;
        }
      }
    }
    return 0;
  }

  /** Returns the first {@code length} chars and forgets the first {@code dropped}. */
  private String take(int length, int dropped) {
    String text = held.substring(0, length);
    held.delete(0, dropped);
    return text;
  }
}
