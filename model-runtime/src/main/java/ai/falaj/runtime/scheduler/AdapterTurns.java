package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which adapter's sequences are computed next: llama.cpp applies adapters to a whole batch, so
 * those that have sequences take turns. Confined to the scheduler's owner.
 */
final class AdapterTurns {

  /** Adapters that had a turn, longest since it first. */
  private final Set<Integer> byTurn = new LinkedHashSet<>();

  /**
   * Those that have sequences; new ones first, then longest since its turn first.
   *
   * @param running sequences with a slot
   * @param next sequence that is admitted next
   * @param mostUrgent sequence that may pass it
   */
  List<Integer> order(
      Collection<ScheduledSequence> running,
      Optional<ScheduledSequence> next,
      Optional<ScheduledSequence> mostUrgent) {
    Set<Integer> candidates = new TreeSet<>();
    running.forEach(sequence -> candidates.add(sequence.request().adapter()));
    next.ifPresent(sequence -> candidates.add(sequence.request().adapter()));
    mostUrgent.ifPresent(sequence -> candidates.add(sequence.request().adapter()));
    byTurn.retainAll(candidates);
    candidates.removeAll(byTurn);
    List<Integer> order = new ArrayList<>(candidates);
    order.addAll(byTurn);
    return order;
  }

  /** The adapter had its turn. */
  void took(int adapter) {
    byTurn.remove(adapter);
    byTurn.add(adapter);
  }
}
