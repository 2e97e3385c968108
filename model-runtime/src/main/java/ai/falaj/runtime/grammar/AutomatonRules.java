package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.Automaton.Edge;
import ai.falaj.runtime.grammar.Automaton.State;
import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes an automaton as rules: one per state, each of which reads a character and goes on. As it
 * is deterministic, llama.cpp follows one way through it, not many. Any thread.
 */
final class AutomatonRules {

  /** Characters as they are. */
  static final Function<CharSet, List<Alternative>> RAW =
      characters -> List.of(Alternative.characters(characters));

  /** Characters as they are written inside a JSON string. */
  static final Function<CharSet, List<Alternative>> IN_JSON_STRING = JsonText::spellings;

  private AutomatonRules() {}

  /** Adds the rules; returns a reference to that of the first state. */
  static Alternative write(
      GrammarRules rules,
      Automaton automaton,
      Function<CharSet, List<Alternative>> spelling,
      String prefix,
      String path)
      throws UnsupportedFormatException {
    String[] names = new String[automaton.states().size()];
    for (int i = 0; i < names.length; i++) {
      names[i] = rules.declare(i == 0 ? prefix : prefix + "-" + i, path);
    }
    Map<CharSet, List<Alternative>> spellings = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      State state = automaton.states().get(i);
      if (state.accepting()) {
        rules.add(names[i], Alternative.EMPTY);
      }
      for (Edge edge : state.edges()) {
        for (Alternative character : spellings.computeIfAbsent(edge.characters(), spelling)) {
          rules.add(names[i], character.then(Alternative.rule(names[edge.target()])));
        }
      }
    }
    return Alternative.rule(names[0]);
  }
}
