package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.Automaton.Edge;
import ai.falaj.runtime.grammar.Automaton.State;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The subset construction, with a bound on its work: patterns exist whose automata have
 * exponentially many states. Confined to one call.
 */
final class Determinization {

  /** Steps that take about a second. */
  private static final long MAX_STEPS = 50_000_000;

  private final NondeterministicAutomaton automaton;
  private final String path;
  private final Map<Subset, Integer> indexes = new HashMap<>();
  private final List<Subset> subsets = new ArrayList<>();
  private long steps;
  private int edgeCount;

  /** Nodes that a text may have led to, before empty steps, and whether it was the empty text. */
  private record Subset(List<Integer> nodes, boolean atBeginning) {}

  Determinization(NondeterministicAutomaton automaton, String path) {
    this.automaton = automaton;
    this.path = path;
  }

  Automaton run() throws UnsupportedFormatException {
    indexOf(new Subset(List.of(automaton.start()), true));
    List<State> states = new ArrayList<>();
    for (int i = 0; i < subsets.size(); i++) {
      states.add(state(subsets.get(i)));
      Automaton.requireSize(subsets.size(), edgeCount, path);
    }
    return Automaton.trimmed(states);
  }

  private State state(Subset subset) throws UnsupportedFormatException {
    BitSet atEnd = automaton.closure(subset.nodes(), subset.atBeginning(), true);
    BitSet inside = automaton.closure(subset.nodes(), subset.atBeginning(), false);
    List<Integer> readers = new ArrayList<>();
    Set<CharSet> sets = new HashSet<>();
    for (int node = inside.nextSetBit(0); node >= 0; node = inside.nextSetBit(node + 1)) {
      if (automaton.reads(node)) {
        readers.add(node);
        sets.add(automaton.characters(node));
      }
    }
    List<CharSet.Range> parts = CharSet.partition(sets);
    count((long) parts.size() * (readers.size() + 1) + inside.cardinality() + atEnd.cardinality());
    Map<List<Integer>, List<CharSet.Range>> rangesByTarget = new LinkedHashMap<>();
    for (CharSet.Range part : parts) {
      TreeSet<Integer> targets = new TreeSet<>();
      for (int reader : readers) {
        if (automaton.characters(reader).contains(part.first())) {
          targets.add(automaton.next(reader));
        }
      }
      if (!targets.isEmpty()) {
        rangesByTarget.computeIfAbsent(List.copyOf(targets), t -> new ArrayList<>()).add(part);
      }
    }
    List<Edge> edges = new ArrayList<>();
    rangesByTarget.forEach(
        (targets, ranges) -> {
          CharSet characters = CharSet.union(new CharSet(ranges));
          edgeCount += characters.ranges().size();
          edges.add(new Edge(characters, indexOf(new Subset(targets, false))));
        });
    return new State(atEnd.get(NondeterministicAutomaton.ACCEPTING), edges);
  }

  private int indexOf(Subset subset) {
    Integer index = indexes.get(subset);
    if (index == null) {
      index = subsets.size();
      indexes.put(subset, index);
      subsets.add(subset);
    }
    return index;
  }

  private void count(long more) throws UnsupportedFormatException {
    steps += more;
    if (steps > MAX_STEPS) {
      throw UnsupportedFormatException.unsupported(
          path, "the pattern is too ambiguous: too many ways to match the same text");
    }
  }
}
