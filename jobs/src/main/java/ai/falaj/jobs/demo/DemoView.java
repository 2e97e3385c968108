package ai.falaj.jobs.demo;

import ai.falaj.jobs.demo.DemoState.Pane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Decides what of all requests is worth looking at. Fed with events, asked for a {@link DemoState}
 * to draw. A request takes a free pane when its text begins; it keeps it until it has ended, was
 * readable for a moment and another one wants the pane. Confined to the thread that reads the
 * results.
 */
final class DemoView {

  static final int PANES = 6;
  static final long READABLE_MS = 1_500;
  private static final long RATE_WINDOW_MS = 2_000;

  private final String model;
  private final RequestTracker tracker;
  private final BatchSeries batches;
  private final List<TrackedRequest> panes = new ArrayList<>();
  private final Deque<TrackedRequest> wantPane = new ArrayDeque<>();
  private final Deque<TokensAt> recentTokens = new ArrayDeque<>();

  private record TokensAt(long atMs, int tokens) {}

  DemoView(String model, RequestTracker tracker, BatchSeries batches) {
    this.model = model;
    this.tracker = tracker;
    this.batches = batches;
  }

  /** A request got text, or its result. */
  void changed(TrackedRequest request, long nowMs) {
    if (!panes.contains(request) && !wantPane.contains(request)) {
      wantPane.add(request);
    }
    recentTokens.add(new TokensAt(nowMs, tracker.completionTokensSeen()));
    assignPanes(nowMs);
  }

  private void assignPanes(long nowMs) {
    // Those that ended while they waited would only be looked at in vain.
    wantPane.removeIf(request -> request.endedAtMs().isPresent() && panes.size() == PANES);
    while (!wantPane.isEmpty() && panes.size() < PANES) {
      panes.add(wantPane.remove());
    }
    for (int i = 0; i < panes.size() && !wantPane.isEmpty(); i++) {
      if (wasReadable(panes.get(i), nowMs)) {
        panes.set(i, wantPane.remove());
      }
    }
  }

  private static boolean wasReadable(TrackedRequest request, long nowMs) {
    return request.endedAtMs().isPresent()
        && nowMs - request.endedAtMs().getAsLong() >= READABLE_MS;
  }

  DemoState state(long nowMs) {
    assignPanes(nowMs);
    long deadLettered = tracker.count(TrackedRequest.Status.DEAD_LETTERED);
    long completed = tracker.count(TrackedRequest.Status.COMPLETED);
    return new DemoState(
        model,
        tracker.sentCount(),
        (int) (completed + deadLettered),
        (int) deadLettered,
        (int) tracker.count(TrackedRequest.Status.STREAMING),
        tokensPerSecond(nowMs),
        nowMs - tracker.firstSentAtMs().orElse(nowMs),
        panes.stream().map(DemoView::pane).toList(),
        batches.label(),
        batches.values());
  }

  private double tokensPerSecond(long nowMs) {
    while (recentTokens.size() > 1 && recentTokens.peek().atMs < nowMs - RATE_WINDOW_MS) {
      recentTokens.remove();
    }
    if (recentTokens.isEmpty()) {
      return 0;
    }
    long windowMs = nowMs - recentTokens.peek().atMs;
    int tokens = tracker.completionTokensSeen() - recentTokens.peek().tokens;
    return windowMs == 0 ? 0 : tokens * 1_000.0 / windowMs;
  }

  private static Pane pane(TrackedRequest request) {
    Optional<String> failure =
        request.deadLetter().map(letter -> letter.getErrorCode() + ": " + letter.getMessage());
    Optional<String> end =
        request.completion().map(completion -> completion.getFinishReason().name());
    return new Pane(
        request.label(),
        request.title(),
        request.status(),
        request.text().tokens(),
        request.text().reasoning(),
        request.text().answer(),
        failure.or(() -> end).orElse(""));
  }
}
