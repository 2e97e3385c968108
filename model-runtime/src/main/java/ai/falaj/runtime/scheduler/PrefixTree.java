package ai.falaj.runtime.scheduler;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A radix tree over tokens: who holds the KV entries of which prefix.
 *
 * <p>Holders are small numbers: slots and saved prefixes. Each node is a run of tokens with the set
 * of holders whose tokens pass through it, which is its reference count; a node that nobody holds
 * is gone. Prefixes that were computed with different adapters share nothing. Looking up costs the
 * tokens that match. Confined to the scheduler's owner.
 */
final class PrefixTree {

  private static final class Node {
    private Node parent;
    private int[] run;
    private final BitSet holders = new BitSet();
    private final Map<Integer, Node> children = new HashMap<>();

    /** Whether a sequence found these tokens here: others may come for them. */
    private boolean wanted;

    Node(Node parent, int[] run) {
      this.parent = parent;
      this.run = run;
    }
  }

  private final Map<Integer, Node> roots = new HashMap<>();

  /** The node where a holder's tokens end. */
  private final Map<Integer, Node> ends = new HashMap<>();

  private final int maxHolders;

  PrefixTree(int maxHolders) {
    this.maxHolders = maxHolders;
  }

  /** The holder now holds the first {@code length} of these tokens and nothing else. */
  void hold(int holder, int adapter, int[] tokens, int length) {
    // What it goes on holding keeps its marks: the new path is there before the old one goes.
    Node former = ends.remove(holder);
    Set<Node> path = new HashSet<>();
    Node node = roots.computeIfAbsent(adapter, none -> new Node(null, new int[0]));
    int depth = 0;
    while (depth < length) {
      Node child = node.children.get(tokens[depth]);
      if (child == null) {
        child = new Node(node, Arrays.copyOfRange(tokens, depth, length));
        node.children.put(tokens[depth], child);
      } else {
        int common = commonLength(child.run, tokens, depth, length);
        if (common < child.run.length) {
          child = split(child, common);
        }
      }
      child.holders.set(holder);
      path.add(child);
      depth += child.run.length;
      node = child;
    }
    if (length > 0) {
      ends.put(holder, node);
    }
    leave(holder, former, path);
  }

  /** The holder holds nothing any more. */
  void release(int holder) {
    leave(holder, ends.remove(holder), Set.of());
  }

  /** The holder leaves the nodes from one upwards, but not those of a path. */
  private void leave(int holder, Node from, Set<Node> path) {
    Node node = from;
    while (node != null && node.parent != null && !path.contains(node)) {
      Node parent = node.parent;
      node.holders.clear(holder);
      if (node.holders.isEmpty()) {
        parent.children.remove(node.run[0]);
      } else {
        maybeMergeWithChild(node);
      }
      node = parent;
    }
    if (node != null) {
      maybeMergeWithChild(node);
    }
  }

  /**
   * How many of the first {@code limit} tokens each holder has.
   *
   * @return by holder
   */
  int[] match(int adapter, int[] tokens, int limit) {
    int[] matched = new int[maxHolders];
    Node node = roots.get(adapter);
    int depth = 0;
    while (node != null && depth < limit) {
      Node child = node.children.get(tokens[depth]);
      if (child == null) {
        break;
      }
      int common = commonLength(child.run, tokens, depth, limit);
      depth += common;
      for (int holder = child.holders.nextSetBit(0);
          holder >= 0;
          holder = child.holders.nextSetBit(holder + 1)) {
        matched[holder] = depth;
      }
      node = common == child.run.length ? child : null;
    }
    return matched;
  }

  /** A sequence found the first {@code length} of these tokens. */
  void want(int adapter, int[] tokens, int length) {
    Node node = roots.get(adapter);
    int depth = 0;
    while (node != null && depth < length) {
      Node child = node.children.get(tokens[depth]);
      if (child == null) {
        break;
      }
      int common = commonLength(child.run, tokens, depth, length);
      if (common < child.run.length && !child.wanted) {
        child = split(child, common);
      }
      child.wanted = true;
      node = common < child.run.length ? null : child;
      depth += common;
      maybeMergeWithChild(child.parent);
    }
  }

  /** Tokens that nobody else holds, behind the first {@code from} ones. */
  int tokensHeldAlone(int holder, int from) {
    Node node = ends.get(holder);
    int depth = heldTokens(holder);
    int alone = 0;
    while (node != null && node.parent != null && node.holders.cardinality() == 1) {
      alone += Math.max(0, Math.min(node.run.length, depth - from));
      depth -= node.run.length;
      node = node.parent;
    }
    return alone;
  }

  /** Length of the longest prefix that was found here before and is lost if this holder goes. */
  int wantedTokensHeldAlone(int holder) {
    Node node = ends.get(holder);
    int depth = heldTokens(holder);
    while (node != null && node.parent != null && node.holders.cardinality() == 1) {
      if (node.wanted) {
        return depth;
      }
      depth -= node.run.length;
      node = node.parent;
    }
    return 0;
  }

  int heldTokens(int holder) {
    int depth = 0;
    for (Node node = ends.get(holder); node != null; node = node.parent) {
      depth += node.run.length;
    }
    return depth;
  }

  /** Nodes of all trees, without their roots. */
  int nodeCount() {
    return roots.values().stream().mapToInt(PrefixTree::countBelow).sum();
  }

  private static int countBelow(Node node) {
    return node.children.values().stream().mapToInt(child -> 1 + countBelow(child)).sum();
  }

  /** Puts a node of the run's first tokens above the node, and returns it. */
  private Node split(Node node, int length) {
    Node upper = new Node(node.parent, Arrays.copyOf(node.run, length));
    upper.holders.or(node.holders);
    upper.wanted = node.wanted;
    node.parent.children.put(upper.run[0], upper);
    node.run = Arrays.copyOfRange(node.run, length, node.run.length);
    node.parent = upper;
    upper.children.put(node.run[0], node);
    return upper;
  }

  /** A node whose holders all go on into its only child is one run with it. */
  private void maybeMergeWithChild(Node node) {
    if (node.parent == null || node.children.size() != 1) {
      return;
    }
    Node child = node.children.values().iterator().next();
    if (!child.holders.equals(node.holders) || child.wanted != node.wanted) {
      return;
    }
    int[] run = Arrays.copyOf(node.run, node.run.length + child.run.length);
    System.arraycopy(child.run, 0, run, node.run.length, child.run.length);
    child.run = run;
    child.parent = node.parent;
    node.parent.children.put(run[0], child);
  }

  private static int commonLength(int[] run, int[] tokens, int from, int limit) {
    int most = Math.min(run.length, limit - from);
    int mismatch = Arrays.mismatch(run, 0, most, tokens, from, from + most);
    return mismatch < 0 ? most : mismatch;
  }
}
