package ai.falaj.jobs.dashboard.push;

import ai.falaj.jobs.web.EventFrame;
import ai.falaj.jobs.web.EventStream;
import ai.falaj.jobs.web.WebJson;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What waits for one open page. Bounded: of figures only the latest waits, of everything else as
 * much as fits, and what does not is counted and told as {@code lost} as soon as the page takes
 * something again. So a page that takes nothing costs what its queue holds, and nobody waits for
 * it.
 *
 * <p>Any thread; its own monitor guards the queue and is never held while another is taken.
 */
final class Page implements EventStream.Source {

  static final int MOST_BYTES = 1 << 20;

  private final Set<EventKind> kinds;
  private final Optional<String> request;
  private final Map<EventKind, byte[]> latest = new LinkedHashMap<>();
  private final Deque<byte[]> queue = new ArrayDeque<>();
  private final Map<Loss, Integer> lost = new EnumMap<>(Loss.class);
  private Optional<byte[]> greeting;
  private int queuedBytes;

  /**
   * @param kinds it wants
   * @param request whose chunks it wants; empty: those of all
   * @param greeting the frame before all others
   */
  Page(Set<EventKind> kinds, Optional<String> request, byte[] greeting) {
    this.kinds = Set.copyOf(kinds);
    this.request = request;
    this.greeting = Optional.of(greeting);
  }

  boolean wants(EventKind kind) {
    return kinds.contains(kind);
  }

  Optional<String> request() {
    return request;
  }

  /** Lets a frame wait in place of an earlier one of its kind. */
  synchronized void replace(EventKind kind, byte[] frame) {
    byte[] earlier = latest.put(kind, frame);
    if (earlier != null && kind == EventKind.OVERVIEW) {
      lost.merge(Loss.OVERVIEWS, 1, Integer::sum); // with the buckets that changed by then
    }
  }

  /**
   * Lets a frame wait behind the others, unless there is no room.
   *
   * @param count what of that kind is lost if there is not
   */
  synchronized void offer(byte[] frame, Loss kind, int count) {
    if (!queue.isEmpty() && queuedBytes + frame.length > MOST_BYTES) {
      lost.merge(kind, count, Integer::sum);
      return;
    }
    queue.addLast(frame);
    queuedBytes += frame.length;
  }

  @Override
  public synchronized Optional<byte[]> next() {
    if (greeting.isPresent()) {
      Optional<byte[]> first = greeting;
      greeting = Optional.empty();
      return first;
    }
    Iterator<byte[]> figures = latest.values().iterator();
    if (figures.hasNext()) {
      byte[] frame = figures.next();
      figures.remove();
      return Optional.of(frame);
    }
    byte[] frame = queue.pollFirst();
    if (frame != null) {
      queuedBytes -= frame.length;
      return Optional.of(frame);
    }
    return lost.isEmpty() ? Optional.empty() : Optional.of(takeLost());
  }

  private byte[] takeLost() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Loss kind : Loss.values()) {
      counts.put(kind.label(), lost.getOrDefault(kind, 0));
    }
    lost.clear();
    return EventFrame.named("lost", WebJson.bytes(counts));
  }

  @Override
  public boolean isEnded() {
    return false; // There may always be more: the stream ends with the connection or the server.
  }
}
