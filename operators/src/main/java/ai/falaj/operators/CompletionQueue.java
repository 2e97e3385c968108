package ai.falaj.operators;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Decides when results and watermarks leave. Confined to the task mailbox thread.
 *
 * <p>Results go through lanes: in a lane they leave in the order in which they were added. {@link
 * ResultOrder} says which results share a lane: none, all, or those of one key.
 *
 * <p>Watermarks cut the stream into segments. A watermark leaves when all elements before it have
 * left, so it never makes one of them late. A result may leave before a watermark that was received
 * earlier: that makes it early, which harms nothing, and one long answer does not hold back all
 * answers after the next watermark. Watermark statuses wait like watermarks, because a downstream
 * that takes this input for idle would go on without the results that are still to come. Between
 * two elements only the last watermark and the last status are kept, which bounds the queue by its
 * elements.
 */
final class CompletionQueue<E> {

  /** Where results and watermarks go. */
  interface Downstream<E> {
    void emit(E element) throws Exception;

    void emitWatermark(Watermark watermark) throws Exception;

    void emitStatus(WatermarkStatus status) throws Exception;
  }

  private static final Object COMMON_LANE = new Object();

  private final ResultOrder order;
  private final Downstream<E> downstream;
  private final Map<Object, Deque<Entry<E>>> lanes = new HashMap<>();
  private final Deque<Segment> segments = new ArrayDeque<>();
  private int size;

  CompletionQueue(ResultOrder order, Downstream<E> downstream) {
    this.order = order;
    this.downstream = downstream;
    segments.add(new Segment());
  }

  /**
   * Takes a place for an element.
   *
   * @param key of the record; one without a key waits for no other in {@link
   *     ResultOrder#KEY_ORDERED}
   */
  Entry<E> add(E element, Optional<?> key) {
    Optional<Object> lane =
        switch (order) {
          case UNORDERED -> Optional.empty();
          case ORDERED -> Optional.of(COMMON_LANE);
          case KEY_ORDERED -> key.map(Object.class::cast);
        };
    Entry<E> entry = new Entry<>(element, lane, segments.getLast());
    lane.ifPresent(l -> lanes.computeIfAbsent(l, unused -> new ArrayDeque<>()).add(entry));
    entry.segment.elements++;
    size++;
    return entry;
  }

  /**
   * Says that an element is ready to leave; it and what waited for it leave now.
   *
   * @throws IllegalStateException when it was ready before
   */
  void complete(Entry<E> entry) throws Exception {
    if (entry.completed) {
      throw new IllegalStateException("completed twice: " + entry.element);
    }
    entry.completed = true;
    if (entry.lane.isEmpty()) {
      emit(entry);
    } else {
      emitHeadsOf(entry.lane.get());
    }
  }

  void addWatermark(Watermark watermark) throws Exception {
    segmentToEnd().watermark = watermark;
    emitFinishedSegments();
  }

  void addStatus(WatermarkStatus status) throws Exception {
    segmentToEnd().status = status;
    emitFinishedSegments();
  }

  /** Elements that have not left. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  private void emitHeadsOf(Object laneKey) throws Exception {
    Deque<Entry<E>> lane = lanes.get(laneKey);
    while (!lane.isEmpty() && lane.peek().completed) {
      emit(lane.poll());
    }
    if (lane.isEmpty()) {
      lanes.remove(laneKey);
    }
  }

  private void emit(Entry<E> entry) throws Exception {
    entry.segment.elements--;
    size--;
    downstream.emit(entry.element);
    emitFinishedSegments();
  }

  /** The segment that ends here. Its successor holds the elements that are added from now on. */
  private Segment segmentToEnd() {
    Segment last = segments.getLast();
    if (last.elements == 0 && segments.size() > 1 && !last.ended) {
      segments.removeLast();
      last = segments.getLast();
    }
    last.ended = true;
    segments.add(new Segment());
    return last;
  }

  private void emitFinishedSegments() throws Exception {
    while (segments.getFirst().ended && segments.getFirst().elements == 0) {
      segments.removeFirst().emitEnd(downstream);
    }
  }

  /** An element's place. */
  static final class Entry<E> {
    private final E element;
    private final Optional<Object> lane;
    private final Segment segment;
    private boolean completed;

    private Entry(E element, Optional<Object> lane, Segment segment) {
      this.element = element;
      this.lane = lane;
      this.segment = segment;
    }
  }

  /** Elements between two watermarks, and what comes after the last of them. */
  private static final class Segment {
    int elements;
    boolean ended;
    Watermark watermark;
    WatermarkStatus status;

    /** An input becomes active before its next watermark, and idle after its last one. */
    void emitEnd(Downstream<?> downstream) throws Exception {
      if (status != null && status.isActive()) {
        downstream.emitStatus(status);
      }
      if (watermark != null) {
        downstream.emitWatermark(watermark);
      }
      if (status != null && status.isIdle()) {
        downstream.emitStatus(status);
      }
    }
  }
}
