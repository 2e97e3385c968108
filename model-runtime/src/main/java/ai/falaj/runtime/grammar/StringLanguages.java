package ai.falaj.runtime.grammar;

import java.util.HashMap;
import java.util.Map;

/** Automata of the strings that a schema allows. Remembers them. Confined to one call. */
final class StringLanguages {

  private final Map<Shape.Strings, Automaton> automata = new HashMap<>();

  /**
   * @param path of the schema, to name if the automaton is too large
   */
  Automaton automaton(Shape.Strings strings, String path) throws UnsupportedFormatException {
    Automaton known = automata.get(strings);
    if (known == null) {
      known = build(strings, path);
      automata.put(strings, known);
    }
    return known;
  }

  private static Automaton build(Shape.Strings strings, String path)
      throws UnsupportedFormatException {
    Automaton all = Automaton.of(Regex.ANYTHING, path);
    for (String format : strings.formats()) {
      all = all.intersect(Formats.automaton(format), path);
    }
    for (Shape.Pattern pattern : strings.patterns()) {
      Regex regex = Regex.somewhere(parse(pattern));
      all = all.intersect(Automaton.of(regex, pattern.path()), pattern.path());
    }
    if (strings.min() > 0 || strings.max() < Integer.MAX_VALUE) {
      all = all.intersect(Automaton.lengths(strings.min(), strings.max(), path), path);
    }
    return all;
  }

  private static Regex parse(Shape.Pattern pattern) throws UnsupportedFormatException {
    try {
      return RegexParser.parse(pattern.source());
    } catch (UnsupportedFormatException e) {
      throw e.under(pattern.path());
    }
  }
}
