package ai.falaj.jobs.dashboard.push;

import ai.falaj.jobs.web.EventFrame;
import ai.falaj.jobs.web.EventStream;
import ai.falaj.jobs.web.WebException;
import ai.falaj.jobs.web.WebJson;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The pages that are open. An event becomes bytes once, and only if some page wants it; the same
 * array waits for all of them. Any thread.
 */
public final class PageHub implements AutoCloseable {

  static final int MOST_PAGES = 64;

  private final List<OpenPage> pages = new CopyOnWriteArrayList<>();
  private final Runnable onFirst;
  private volatile boolean closed;

  /**
   * @param onFirst called when a page opens
   */
  public PageHub(Runnable onFirst) {
    this.onFirst = onFirst;
  }

  private record OpenPage(Page page, EventStream stream) {}

  /**
   * Answers a request with a stream of events.
   *
   * @param request id of the request that it is about; empty: all
   * @param hello first event, before all others
   * @throws WebException 503 {@code too_many_pages}, or {@code stopping}
   */
  public void open(Context context, Set<EventKind> kinds, Optional<String> request, Hello hello) {
    if (closed) {
      throw WebException.unavailable("stopping", "the dashboard is about to stop");
    }
    if (pages.size() >= MOST_PAGES) {
      throw WebException.unavailable(
          "too_many_pages", MOST_PAGES + " pages are open; close one of them");
    }
    Page page = new Page(kinds, request, frame("hello", hello));
    EventStream stream = EventStream.open(context, page);
    OpenPage open = new OpenPage(page, stream);
    pages.add(open);
    stream.closed().whenComplete((nothing, failure) -> pages.remove(open));
    if (closed) {
      stream.end(); // Closing may not have seen it.
    }
    onFirst.run();
  }

  /** The data of the first event. */
  public record Hello(long serverTime, List<String> events) {

    public static Hello of(long serverTimeMs, Set<EventKind> kinds) {
      return new Hello(serverTimeMs, kinds.stream().map(EventKind::label).sorted().toList());
    }
  }

  public int count() {
    return pages.size();
  }

  /** Whether some page wants events of that kind. */
  public boolean isWanted(EventKind kind) {
    return pages.stream().anyMatch(open -> open.page().wants(kind));
  }

  /** Requests that single pages are about and of which they want that kind. */
  public Set<String> requests(EventKind kind) {
    return pages.stream()
        .filter(open -> open.page().wants(kind))
        .flatMap(open -> open.page().request().stream())
        .collect(Collectors.toSet());
  }

  /** Sends figures in place of earlier ones to all pages that want them. */
  public void replace(EventKind kind, Supplier<?> document) {
    replace(kind, page -> true, document);
  }

  /** Likewise to pages that are about that request. */
  public void replaceFor(EventKind kind, String requestId, Supplier<?> document) {
    replace(kind, page -> page.request().filter(requestId::equals).isPresent(), document);
  }

  private void replace(EventKind kind, Predicate<Page> whom, Supplier<?> document) {
    byte[] frame = null;
    for (OpenPage open : pages) {
      if (open.page().wants(kind) && whom.test(open.page())) {
        frame = frame == null ? frame(kind.label(), document.get()) : frame;
        open.page().replace(kind, frame);
        open.stream().wake();
      }
    }
  }

  /**
   * Sends what happened to all pages that want it and are not about a single request.
   *
   * @param count how much of it is lost to a page without room
   */
  void offer(EventKind kind, Loss loss, int count, Supplier<?> document) {
    offer(kind, page -> page.request().isEmpty(), loss, count, document);
  }

  /** Likewise to pages that are about that request. */
  void offerFor(EventKind kind, String requestId, Loss loss, int count, Supplier<?> document) {
    offer(
        kind, page -> page.request().filter(requestId::equals).isPresent(), loss, count, document);
  }

  /** Likewise to all pages, whatever they are about. */
  void offerToAll(EventKind kind, Loss loss, int count, Supplier<?> document) {
    offer(kind, page -> true, loss, count, document);
  }

  private void offer(
      EventKind kind, Predicate<Page> whom, Loss loss, int count, Supplier<?> document) {
    byte[] frame = null;
    for (OpenPage open : pages) {
      if (open.page().wants(kind) && whom.test(open.page())) {
        frame = frame == null ? frame(kind.label(), document.get()) : frame;
        open.page().offer(frame, loss, count);
        open.stream().wake();
      }
    }
  }

  private static byte[] frame(String name, Object document) {
    return EventFrame.named(name, WebJson.bytes(document));
  }

  /** Ends all streams. Call it before the server stops. */
  @Override
  public void close() {
    closed = true;
    pages.forEach(open -> open.stream().end());
  }
}
