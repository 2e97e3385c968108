package ai.falaj.runtime.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * A deterministic finite automaton over code points: state 0 begins, and every state can still
 * reach an accepting one, but for the single state of an automaton that accepts nothing. Immutable.
 *
 * @param states of which edges lead to others by index
 */
record Automaton(List<State> states) {

  /**
   * @param edges whose sets do not overlap
   */
  record State(boolean accepting, List<Edge> edges) {
    State {
      edges = List.copyOf(edges);
    }
  }

  record Edge(CharSet characters, int target) {}

  Automaton {
    states = List.copyOf(states);
  }

  /**
   * The automaton that accepts what the regular expression matches from beginning to end.
   *
   * @param path to name if it is beyond {@link Bounds}
   */
  static Automaton of(Regex regex, String path) throws UnsupportedFormatException {
    return new Determinization(NondeterministicAutomaton.of(regex, path), path).run();
  }

  /** Texts of some lengths, in code points. */
  static Automaton lengths(int min, int max, String path) throws UnsupportedFormatException {
    int last = max == Integer.MAX_VALUE ? min : max;
    requireSize(last, 0, path);
    List<State> states = new ArrayList<>();
    for (int length = 0; length <= last; length++) {
      boolean end = length == last;
      int next = end ? length : length + 1;
      List<Edge> edges = end && max == last ? List.of() : List.of(new Edge(CharSet.ALL, next));
      states.add(new State(length >= min, edges));
    }
    return trimmed(states);
  }

  /** All texts of the characters but the words. */
  static Automaton allBut(Collection<String> words, CharSet characters) {
    List<Map<Integer, Integer>> children = new ArrayList<>(List.of(new LinkedHashMap<>()));
    List<Boolean> word = new ArrayList<>(List.of(false));
    for (String text : words) {
      int node = 0;
      for (int codePoint : text.codePoints().toArray()) {
        Integer child = children.get(node).get(codePoint);
        if (child == null) {
          child = children.size();
          children.add(new LinkedHashMap<>());
          word.add(false);
          children.get(node).put(codePoint, child);
        }
        node = child;
      }
      word.set(node, true);
    }
    int other = children.size();
    List<State> states = new ArrayList<>();
    for (int node = 0; node < other; node++) {
      List<Edge> edges = new ArrayList<>();
      CharSet rest = characters;
      for (Map.Entry<Integer, Integer> child : children.get(node).entrySet()) {
        CharSet one = CharSet.of(child.getKey()).intersect(characters);
        edges.add(new Edge(one, child.getValue()));
        rest = rest.minus(one);
      }
      edges.add(new Edge(rest, other));
      states.add(new State(!word.get(node), edges));
    }
    states.add(new State(true, List.of(new Edge(characters, other))));
    return trimmed(states);
  }

  /** What both accept. */
  Automaton intersect(Automaton with, String path) throws UnsupportedFormatException {
    Map<List<Integer>, Integer> indexes = new HashMap<>(Map.of(List.of(0, 0), 0));
    List<List<Integer>> pairs = new ArrayList<>(List.of(List.of(0, 0)));
    List<State> product = new ArrayList<>();
    int edgeCount = 0;
    for (int i = 0; i < pairs.size(); i++) {
      State mine = states.get(pairs.get(i).get(0));
      State theirs = with.states.get(pairs.get(i).get(1));
      List<Edge> edges = new ArrayList<>();
      for (Edge a : mine.edges) {
        for (Edge b : theirs.edges) {
          CharSet common = a.characters.intersect(b.characters);
          if (!common.isEmpty()) {
            List<Integer> pair = List.of(a.target, b.target);
            Integer target = indexes.get(pair);
            if (target == null) {
              target = pairs.size();
              indexes.put(pair, target);
              pairs.add(pair);
            }
            edges.add(new Edge(common, target));
            edgeCount += common.ranges().size();
          }
        }
      }
      product.add(new State(mine.accepting && theirs.accepting, edges));
      requireSize(pairs.size(), edgeCount, path);
    }
    return trimmed(product);
  }

  /** Whether it accepts no text. */
  boolean isEmpty() {
    return !states.get(0).accepting && states.get(0).edges.isEmpty();
  }

  boolean accepts(String text) {
    int state = 0;
    for (int codePoint : text.codePoints().toArray()) {
      int next = -1;
      for (Edge edge : states.get(state).edges) {
        if (edge.characters.contains(codePoint)) {
          next = edge.target;
        }
      }
      if (next < 0) {
        return false;
      }
      state = next;
    }
    return states.get(state).accepting;
  }

  static void requireSize(int states, int edges, String path) throws UnsupportedFormatException {
    if (states > Bounds.AUTOMATON_STATES || edges > Bounds.AUTOMATON_EDGES) {
      throw UnsupportedFormatException.unsupported(
          path,
          "the pattern, together with lengths and other patterns for the same text, needs more than %d states or %d ranges of characters"
              .formatted(Bounds.AUTOMATON_STATES, Bounds.AUTOMATON_EDGES));
    }
  }

  /** Without states that are not reached or from which no accepting state can be reached. */
  static Automaton trimmed(List<State> states) {
    boolean[] alive = reach(states.size(), i -> states.get(i).accepting, predecessors(states));
    if (!alive[0]) {
      return new Automaton(List.of(new State(false, List.of())));
    }
    int[] newIndex = new int[states.size()];
    Arrays.fill(newIndex, -1);
    newIndex[0] = 0;
    List<Integer> order = new ArrayList<>(List.of(0));
    for (int i = 0; i < order.size(); i++) {
      for (Edge edge : states.get(order.get(i)).edges) {
        if (alive[edge.target] && !edge.characters.isEmpty() && newIndex[edge.target] < 0) {
          newIndex[edge.target] = order.size();
          order.add(edge.target);
        }
      }
    }
    List<State> kept = new ArrayList<>();
    for (int old : order) {
      State state = states.get(old);
      List<Edge> edges =
          state.edges.stream()
              .filter(edge -> alive[edge.target] && !edge.characters.isEmpty())
              .map(edge -> new Edge(edge.characters, newIndex[edge.target]))
              .toList();
      kept.add(new State(state.accepting, edges));
    }
    return new Automaton(kept);
  }

  private static List<List<Integer>> predecessors(List<State> states) {
    List<List<Integer>> predecessors = new ArrayList<>();
    states.forEach(state -> predecessors.add(new ArrayList<>()));
    for (int from = 0; from < states.size(); from++) {
      for (Edge edge : states.get(from).edges) {
        if (!edge.characters.isEmpty()) {
          predecessors.get(edge.target).add(from);
        }
      }
    }
    return predecessors;
  }

  private static boolean[] reach(int size, IntPredicate start, List<List<Integer>> next) {
    boolean[] reached = new boolean[size];
    Deque<Integer> todo = new ArrayDeque<>();
    for (int i = 0; i < size; i++) {
      if (start.test(i)) {
        reached[i] = true;
        todo.add(i);
      }
    }
    while (!todo.isEmpty()) {
      for (int i : next.get(todo.remove())) {
        if (!reached[i]) {
          reached[i] = true;
          todo.add(i);
        }
      }
    }
    return reached;
  }
}
