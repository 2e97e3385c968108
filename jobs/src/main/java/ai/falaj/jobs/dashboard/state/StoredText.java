package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.CutText;
import ai.falaj.jobs.dashboard.view.TextView;
import java.util.Optional;

/**
 * A text of a request, or where texts are hidden its length. Immutable.
 *
 * @param kept as much of it as is kept; null where texts are hidden
 * @param characters of the whole
 */
record StoredText(String kept, long characters) {

  /** Far beyond what a model writes; a longer text is an attack or a mistake. */
  static final int MOST_CHARACTERS = 1 << 22;

  static final StoredText EMPTY = new StoredText("", 0);

  /**
   * @param text null counts as empty
   * @param visible whether it may be kept at all
   */
  static StoredText of(String text, boolean visible) {
    if (text == null) {
      return EMPTY;
    }
    return new StoredText(visible ? CutText.beginning(text, MOST_CHARACTERS) : null, text.length());
  }

  /** The same without its text. */
  StoredText forgotten() {
    return new StoredText(null, characters);
  }

  int size() {
    return kept == null ? 0 : kept.length();
  }

  Optional<String> text() {
    return Optional.ofNullable(kept);
  }

  TextView view() {
    return kept == null ? TextView.hidden(characters) : TextView.of(kept, characters);
  }
}
