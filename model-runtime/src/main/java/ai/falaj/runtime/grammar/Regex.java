package ai.falaj.runtime.grammar;

import java.util.Arrays;
import java.util.List;

/** A regular expression over code points. Immutable. */
sealed interface Regex {

  /** The empty text. */
  Regex EMPTY = new Sequence(List.of());

  /** Nothing at all, not even the empty text. */
  Regex NOTHING = new Alternatives(List.of());

  Regex ANYTHING = repeat(new OneOf(CharSet.ALL), 0, Repeat.UNBOUNDED);

  /** One code point. */
  record OneOf(CharSet characters) implements Regex {}

  /** One after the other. */
  record Sequence(List<Regex> parts) implements Regex {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** One of them. */
  record Alternatives(List<Regex> parts) implements Regex {
    public Alternatives {
      parts = List.copyOf(parts);
    }
  }

  /**
   * @param max or {@link #UNBOUNDED}
   */
  record Repeat(Regex part, int min, int max) implements Regex {
    static final int UNBOUNDED = Integer.MAX_VALUE;
  }

  /** {@code ^}: only at the beginning of the text. */
  record AtBeginning() implements Regex {}

  /** {@code $}: only at the end of the text. */
  record AtEnd() implements Regex {}

  static Regex sequence(Regex... parts) {
    return new Sequence(Arrays.asList(parts));
  }

  static Regex anyOf(Regex... parts) {
    return new Alternatives(Arrays.asList(parts));
  }

  static Regex repeat(Regex part, int min, int max) {
    return new Repeat(part, min, max);
  }

  static Regex optional(Regex part) {
    return repeat(part, 0, 1);
  }

  static Regex literal(String text) {
    return new Sequence(text.codePoints().mapToObj(c -> (Regex) new OneOf(CharSet.of(c))).toList());
  }

  /** What matches anywhere in a text, as a pattern of its whole. */
  static Regex somewhere(Regex part) {
    return sequence(ANYTHING, part, ANYTHING);
  }
}
