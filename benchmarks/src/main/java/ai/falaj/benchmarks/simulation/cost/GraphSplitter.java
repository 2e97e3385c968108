package ai.falaj.benchmarks.simulation.cost;

import ai.falaj.benchmarks.simulation.cost.StepShape.Work;
import ai.falaj.runtime.llamacpp.KvLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a step into graphs the way llama.cpp splits a batch into micro batches.
 *
 * <p>{@code PER_SEQUENCE} ({@code split_equal}, sequential): a graph takes neighbouring slots, and
 * as many tokens from each as the one with the fewest has left. So a long prompt beside decoding
 * sequences costs a graph with one token of each and then graphs of its own; a gap between slots
 * starts another graph. Each slot of a graph attends as many entries as its longest. {@code SHARED}
 * ({@code split_simple}): tokens in order, cut at the micro batch; all attend the whole pool.
 */
final class GraphSplitter {

  /** llama.cpp rounds what attention covers up to this many entries. */
  private static final int ENTRY_PADDING = 256;

  private final KvLayout layout;
  private final int microBatchTokens;

  GraphSplitter(KvLayout layout, int microBatchTokens) {
    this.layout = layout;
    this.microBatchTokens = microBatchTokens;
  }

  List<Graph> split(StepShape step) {
    return layout == KvLayout.PER_SEQUENCE ? splitEqually(step) : splitSimply(step);
  }

  private List<Graph> splitEqually(StepShape step) {
    List<Graph> graphs = new ArrayList<>();
    List<Work> work = step.work();
    int[] done = new int[work.size()];
    int first = 0;
    while (first < done.length) {
      int end = endOfNeighbours(work, done, first);
      int sequences = end - first;
      int each = Math.max(1, microBatchTokens / sequences);
      for (int index = first; index < end; index++) {
        each = Math.min(each, work.get(index).tokenCount() - done[index]);
      }
      int longest = 0;
      for (int index = first; index < end; index++) {
        done[index] += each;
        longest = Math.max(longest, work.get(index).position() + done[index]);
      }
      long covered = padded(longest);
      graphs.add(new Graph(each * sequences, covered * sequences, covered * each * sequences));
      while (first < done.length && done[first] == work.get(first).tokenCount()) {
        first++;
      }
    }
    return graphs;
  }

  /** From a sequence with tokens left on, over neighbouring slots with tokens left. */
  private int endOfNeighbours(List<Work> work, int[] done, int first) {
    int end = first + 1;
    while (end < done.length
        && end - first < microBatchTokens
        && work.get(end).slot() == work.get(end - 1).slot() + 1
        && done[end] < work.get(end).tokenCount()) {
      end++;
    }
    return end;
  }

  private List<Graph> splitSimply(StepShape step) {
    long pool = padded(step.work().stream().mapToLong(Work::contextTokens).sum());
    List<Graph> graphs = new ArrayList<>();
    for (int left = step.tokens(); left > 0; left -= microBatchTokens) {
      int tokens = Math.min(left, microBatchTokens);
      graphs.add(new Graph(tokens, pool, pool * tokens));
    }
    return graphs;
  }

  private static long padded(long entries) {
    return (entries + ENTRY_PADDING - 1) / ENTRY_PADDING * ENTRY_PADDING;
  }
}
