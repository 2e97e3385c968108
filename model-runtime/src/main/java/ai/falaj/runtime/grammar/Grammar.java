package ai.falaj.runtime.grammar;

import java.util.Objects;

/**
 * A grammar in GBNF, the notation of llama.cpp.
 *
 * @param gbnf rules, of which {@value #ROOT} is the first to apply
 * @param distinctKeys whether the text is JSON with objects whose keys the model chooses. A
 *     context-free grammar cannot keep those apart, so whoever applies it must refuse a key that
 *     its object has already
 */
public record Grammar(String gbnf, boolean distinctKeys) {

  /** Name of the rule that matches the whole text. */
  public static final String ROOT = "root";

  public Grammar {
    Objects.requireNonNull(gbnf, "gbnf");
    if (gbnf.isEmpty() || gbnf.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a grammar is text without NUL characters");
    }
  }
}
