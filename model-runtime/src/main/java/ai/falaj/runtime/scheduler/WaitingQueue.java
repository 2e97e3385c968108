package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Sequences that wait for a slot, in order of priority, then arrival.
 *
 * <p>Cancellations and deadlines are looked up, not searched for: every method costs the logarithm
 * of the waiting sequences, for each sequence that it returns. Confined to the scheduler's owner.
 */
final class WaitingQueue {

  private record Entry(SequenceRequest request, long arrival) {}

  private final TreeSet<Entry> byUrgency =
      new TreeSet<>(
          Comparator.comparingInt((Entry entry) -> entry.request.priority())
              .reversed()
              .thenComparingLong(Entry::arrival));

  /** Only entries that have a deadline. */
  private final TreeSet<Entry> byDeadline =
      new TreeSet<>(
          Comparator.comparingLong((Entry entry) -> entry.request.deadlineMs().getAsLong())
              .thenComparingLong(Entry::arrival));

  private final Map<Long, Entry> byId = new HashMap<>();
  private long arrivals;

  /** Adds a sequence that does not wait yet. */
  void add(SequenceRequest request) {
    Entry entry = new Entry(request, arrivals++);
    byId.put(request.id(), entry);
    byUrgency.add(entry);
    if (request.deadlineMs().isPresent()) {
      byDeadline.add(entry);
    }
  }

  boolean contains(long sequenceId) {
    return byId.containsKey(sequenceId);
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  int size() {
    return byId.size();
  }

  /** Who is admitted next. */
  Optional<SequenceRequest> first() {
    return byUrgency.isEmpty() ? Optional.empty() : Optional.of(byUrgency.first().request);
  }

  /** Returns whether the sequence was waiting. */
  boolean remove(long sequenceId) {
    Entry entry = byId.remove(sequenceId);
    if (entry == null) {
      return false;
    }
    byUrgency.remove(entry);
    if (entry.request.deadlineMs().isPresent()) {
      byDeadline.remove(entry);
    }
    return true;
  }

  /** Removes the sequences whose deadline has come, earliest first. */
  List<SequenceRequest> removeExpired(long nowMs) {
    List<SequenceRequest> expired = new ArrayList<>();
    while (!byDeadline.isEmpty() && byDeadline.first().request.isPastDeadline(nowMs)) {
      SequenceRequest request = byDeadline.first().request;
      remove(request.id());
      expired.add(request);
    }
    return expired;
  }
}
