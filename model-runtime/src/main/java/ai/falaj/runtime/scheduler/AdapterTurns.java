package ai.falaj.runtime.scheduler;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which adapter's sequences are computed next: llama.cpp applies adapters to a whole batch, so
 * those that have sequences take turns. Confined to the scheduler's owner.
 */
final class AdapterTurns {

  /** Longest since its turn first. */
  private final Set<Integer> byTurn = new LinkedHashSet<>();

  /**
   * @param running sequences with a slot
   * @param next adapter of the sequence that is admitted next
   */
  int next(Collection<ScheduledSequence> running, Optional<Integer> next) {
    Set<Integer> candidates = new TreeSet<>();
    running.forEach(sequence -> candidates.add(sequence.request().adapter()));
    next.ifPresent(candidates::add);
    byTurn.retainAll(candidates);
    int chosen =
        candidates.stream()
            .filter(adapter -> !byTurn.contains(adapter))
            .findFirst()
            .or(() -> byTurn.stream().findFirst())
            .orElse(0);
    byTurn.remove(chosen);
    byTurn.add(chosen);
    return chosen;
  }
}
