package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which group's sequences are computed next: groups that have sequences take turns. Isolated ones
 * have at most every second turn together, so that however many there are, everybody else keeps
 * half of the steps. Confined to the scheduler's owner.
 */
final class GroupTurns {

  /** Groups that had a turn, longest since it first. */
  private final Set<StepGroup> byTurn = new LinkedHashSet<>();

  private boolean lastWasIsolated;

  /**
   * Those that have sequences; new ones first, then longest since its turn first.
   *
   * @param running sequences with a slot
   * @param next sequence that is admitted next
   * @param mostUrgent sequence that may pass it
   */
  List<StepGroup> order(
      Collection<ScheduledSequence> running,
      Optional<ScheduledSequence> next,
      Optional<ScheduledSequence> mostUrgent) {
    Set<StepGroup> candidates = new TreeSet<>();
    running.forEach(sequence -> candidates.add(sequence.group()));
    next.ifPresent(sequence -> candidates.add(sequence.group()));
    mostUrgent.ifPresent(sequence -> candidates.add(sequence.group()));
    byTurn.retainAll(candidates);
    candidates.removeAll(byTurn);
    List<StepGroup> order = new ArrayList<>(candidates);
    order.addAll(byTurn);
    if (lastWasIsolated) {
      order.sort(Comparator.comparing(StepGroup::isIsolated));
    }
    return order;
  }

  /** The group had its turn. */
  void took(StepGroup group) {
    byTurn.remove(group);
    byTurn.add(group);
    lastWasIsolated = group.isIsolated();
  }
}
