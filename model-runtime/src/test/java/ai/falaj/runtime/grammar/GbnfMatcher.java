package ai.falaj.runtime.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Matches whole texts against a grammar in GBNF, by trying everything: slow, and independent of how
 * grammars are written here. Knows the notation that {@link OutputGrammar} uses.
 */
final class GbnfMatcher {

  private final Map<String, Node> rules = new HashMap<>();

  private interface Node {
    /** Where a match may end that begins at a position of the text. */
    BitSet ends(int[] text, int position);
  }

  GbnfMatcher(String gbnf) {
    for (String line : gbnf.split("\n")) {
      int definition = line.indexOf(" ::= ");
      Parser parser = new Parser(line.substring(definition + " ::= ".length()));
      rules.put(line.substring(0, definition), parser.alternatives());
    }
  }

  boolean matches(String text) {
    int[] codePoints = text.codePoints().toArray();
    return rules.get(Grammar.ROOT).ends(codePoints, 0).get(codePoints.length);
  }

  private static BitSet at(int position) {
    BitSet ends = new BitSet();
    ends.set(position);
    return ends;
  }

  private static BitSet after(Node node, int[] text, BitSet positions) {
    BitSet ends = new BitSet();
    positions.stream().forEach(position -> ends.or(node.ends(text, position)));
    return ends;
  }

  private static Node repeat(Node node, int min, int max) {
    return (text, position) -> {
      BitSet ends = new BitSet();
      BitSet now = at(position);
      for (int count = 0; count <= max && !now.isEmpty(); count++) {
        BitSet before = (BitSet) ends.clone();
        if (count >= min) {
          ends.or(now);
          if (ends.equals(before)) {
            return ends;
          }
        }
        now = after(node, text, now);
      }
      return ends;
    };
  }

  private final class Parser {

    private final int[] line;
    private int next;

    Parser(String line) {
      this.line = line.codePoints().toArray();
    }

    Node alternatives() {
      List<Node> all = new ArrayList<>(List.of(sequence()));
      while (next < line.length && line[next] == '|') {
        next += 2;
        all.add(sequence());
      }
      return (text, position) -> {
        BitSet ends = new BitSet();
        all.forEach(node -> ends.or(node.ends(text, position)));
        return ends;
      };
    }

    private Node sequence() {
      List<Node> all = new ArrayList<>();
      while (next < line.length && line[next] != '|' && line[next] != ')') {
        all.add(repeated(element()));
        while (next < line.length && line[next] == ' ') {
          next++;
        }
      }
      return (text, position) -> {
        BitSet ends = at(position);
        for (Node node : all) {
          ends = after(node, text, ends);
        }
        return ends;
      };
    }

    private Node element() {
      switch (line[next]) {
        case '"':
          return literal();
        case '[':
          return characters();
        case '(':
          next++;
          Node inner = alternatives();
          next++;
          return inner;
        default:
          String name = word();
          return (text, position) -> rules.get(name).ends(text, position);
      }
    }

    private Node repeated(Node node) {
      int sign = next < line.length ? line[next] : ' ';
      if ("*+?{".indexOf(sign) < 0) {
        return node;
      }
      next++;
      if (sign != '{') {
        return repeat(node, sign == '+' ? 1 : 0, sign == '?' ? 1 : Integer.MAX_VALUE);
      }
      int min = Integer.parseInt(word());
      int max = min;
      if (line[next] == ',') {
        next++;
        max = Integer.parseInt(word());
      }
      next++;
      return repeat(node, min, max);
    }

    private Node literal() {
      List<Integer> expected = new ArrayList<>();
      for (next++; line[next] != '"'; ) {
        expected.add(character());
      }
      next++;
      return (text, position) -> {
        for (int i = 0; i < expected.size(); i++) {
          if (position + i >= text.length || text[position + i] != expected.get(i)) {
            return new BitSet();
          }
        }
        return at(position + expected.size());
      };
    }

    private Node characters() {
      List<int[]> ranges = new ArrayList<>();
      for (next++; line[next] != ']'; ) {
        int first = character();
        int last = first;
        if (line[next] == '-' && line[next + 1] != ']') {
          next++;
          last = character();
        }
        ranges.add(new int[] {first, last});
      }
      next++;
      return (text, position) -> {
        boolean found =
            position < text.length
                && ranges.stream().anyMatch(r -> r[0] <= text[position] && text[position] <= r[1]);
        return found ? at(position + 1) : new BitSet();
      };
    }

    private int character() {
      int c = line[next++];
      if (c != '\\') {
        return c;
      }
      int digits =
          switch (line[next++]) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> throw new AssertionError("unknown escape at " + next);
          };
      int value = Integer.parseInt(new String(line, next, digits), 16);
      next += digits;
      return value;
    }

    private String word() {
      int start = next;
      while (next < line.length && (Character.isLetterOrDigit(line[next]) || line[next] == '-')) {
        next++;
      }
      return new String(line, start, next - start);
    }
  }
}
