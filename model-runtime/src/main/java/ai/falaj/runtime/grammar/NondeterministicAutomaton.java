package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.Regex.Repeat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/**
 * Thompson's construction of an automaton with empty steps. Node 0 accepts. Built once, then
 * immutable.
 */
final class NondeterministicAutomaton {

  static final int ACCEPTING = 0;

  private enum Kind {
    ACCEPT,
    READ,
    SPLIT,
    BEGINNING,
    END
  }

  /** A node reads one of the characters, or steps to all of the next nodes without reading. */
  private record Node(Kind kind, CharSet characters, int[] next) {}

  private final List<Node> nodes = new ArrayList<>();
  private final String path;
  private int start;

  private NondeterministicAutomaton(String path) {
    this.path = path;
  }

  static NondeterministicAutomaton of(Regex regex, String path) throws UnsupportedFormatException {
    NondeterministicAutomaton automaton = new NondeterministicAutomaton(path);
    automaton.node(Kind.ACCEPT, CharSet.NONE);
    automaton.start = automaton.build(regex, ACCEPTING);
    return automaton;
  }

  int start() {
    return start;
  }

  CharSet characters(int node) {
    return nodes.get(node).characters;
  }

  int next(int node) {
    return nodes.get(node).next[0];
  }

  boolean reads(int node) {
    return nodes.get(node).kind == Kind.READ;
  }

  /** All nodes that are reached without reading a character. */
  BitSet closure(Collection<Integer> from, boolean atBeginning, boolean atEnd) {
    BitSet reached = new BitSet(nodes.size());
    List<Integer> todo = new ArrayList<>(from);
    while (!todo.isEmpty()) {
      int index = todo.remove(todo.size() - 1);
      Node node = nodes.get(index);
      if (reached.get(index)) {
        continue;
      }
      reached.set(index);
      boolean passes =
          node.kind == Kind.SPLIT
              || (node.kind == Kind.BEGINNING && atBeginning)
              || (node.kind == Kind.END && atEnd);
      if (passes) {
        for (int next : node.next) {
          todo.add(next);
        }
      }
    }
    return reached;
  }

  /** Adds nodes that match the expression and then go on at {@code next}; returns the first. */
  private int build(Regex regex, int next) throws UnsupportedFormatException {
    if (regex instanceof Regex.OneOf oneOf) {
      return node(Kind.READ, oneOf.characters(), next);
    }
    if (regex instanceof Regex.Sequence sequence) {
      int first = next;
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        first = build(sequence.parts().get(i), first);
      }
      return first;
    }
    if (regex instanceof Regex.Alternatives alternatives) {
      int[] firsts = new int[alternatives.parts().size()];
      for (int i = 0; i < firsts.length; i++) {
        firsts[i] = build(alternatives.parts().get(i), next);
      }
      return node(Kind.SPLIT, CharSet.NONE, firsts);
    }
    if (regex instanceof Repeat repeat) {
      return buildRepeat(repeat, next);
    }
    return node(regex instanceof Regex.AtBeginning ? Kind.BEGINNING : Kind.END, CharSet.NONE, next);
  }

  private int buildRepeat(Repeat repeat, int next) throws UnsupportedFormatException {
    int first = next;
    if (repeat.max() == Repeat.UNBOUNDED) {
      int[] loop = {0, next};
      first = node(Kind.SPLIT, CharSet.NONE, loop);
      loop[0] = build(repeat.part(), first);
    } else {
      for (int i = repeat.min(); i < repeat.max(); i++) {
        first = node(Kind.SPLIT, CharSet.NONE, build(repeat.part(), first), next);
      }
    }
    for (int i = 0; i < repeat.min(); i++) {
      first = build(repeat.part(), first);
    }
    return first;
  }

  private int node(Kind kind, CharSet characters, int... next) throws UnsupportedFormatException {
    if (nodes.size() == Bounds.PATTERN_NODES) {
      throw UnsupportedFormatException.unsupported(
          path,
          "the pattern needs more than %d nodes once its quantifiers are written out"
              .formatted(Bounds.PATTERN_NODES));
    }
    nodes.add(new Node(kind, characters, next));
    return nodes.size() - 1;
  }
}
