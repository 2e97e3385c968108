package ai.falaj.jobs.dashboard.push;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.feed.FeedSink;
import ai.falaj.jobs.dashboard.feed.FeedStatus;
import ai.falaj.jobs.dashboard.state.FeedBatch;
import ai.falaj.jobs.dashboard.state.FeedState;
import ai.falaj.jobs.dashboard.view.ChunkBatchView;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.RequestRow;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Turns records into events: what happened in batches of 50 ms, figures each second. While old
 * records are caught up on, only figures are sent; while no page is open, nothing is.
 *
 * <p>The feed's thread calls it; {@link #status} may be asked by any.
 */
public final class Publisher implements FeedSink {

  static final long BATCH_MS = 50;
  static final long FIGURES_MS = 1_000;
  static final long TRACE_MS = 250;
  static final int MOST_RUNNING = 100;

  private final FeedState state;
  private final PageHub hub;
  private final InstantSource clock;
  private final LongSupplier elapsedMs;
  private final Set<String> changedTraces = new HashSet<>();
  private long nextBatchMs;
  private long nextFiguresMs;
  private long nextTraceMs;
  private volatile FeedStatus status = FeedStatus.STARTING;

  /**
   * @param clock for times in events
   * @param elapsedMs a clock that never goes back, for the pace
   */
  public Publisher(FeedState state, PageHub hub, InstantSource clock, LongSupplier elapsedMs) {
    this.state = state;
    this.hub = hub;
    this.clock = clock;
    this.elapsedMs = elapsedMs;
  }

  @Override
  public void records(List<FeedRecord> records) {
    state.apply(records, clock.millis());
  }

  @Override
  public void round() {
    long nowMs = elapsedMs.getAsLong();
    if (nowMs >= nextBatchMs) {
      nextBatchMs = nowMs + BATCH_MS;
      publish(state.takeBatch());
    }
    if (hub.count() == 0) {
      return;
    }
    if (nowMs >= nextTraceMs) {
      nextTraceMs = nowMs + TRACE_MS;
      publishTraces();
    }
    if (nowMs >= nextFiguresMs) {
      nextFiguresMs = nowMs + FIGURES_MS;
      hub.replace(EventKind.OVERVIEW, () -> state.overview(clock.millis(), hub.count()));
      hub.replace(EventKind.RUNNING, () -> state.running(MOST_RUNNING));
    }
  }

  private void publish(FeedBatch batch) {
    if (hub.count() == 0) {
      changedTraces.clear();
      return;
    }
    changedTraces.addAll(batch.changedRequests());
    changedTraces.retainAll(hub.requests(EventKind.TRACE));
    rows(EventKind.USAGE, batch.usage());
    rows(EventKind.LABELS, batch.labels());
    rows(EventKind.ALERT, batch.alerts());
    if (status.phase() == FeedStatus.Phase.LIVE) {
      chunks(batch.chunks());
      completions(batch.completions());
      deadLetters(batch.deadLetters());
    }
  }

  private void chunks(ChunkBatchView batch) {
    if (batch.chunks().isEmpty()) {
      return;
    }
    hub.offer(EventKind.CHUNKS, Loss.CHUNKS, batch.count(), () -> batch);
    for (String requestId : hub.requests(EventKind.CHUNKS)) {
      List<ChunkBatchView.Entry> own =
          batch.chunks().stream().filter(entry -> entry.requestId().equals(requestId)).toList();
      if (!own.isEmpty()) {
        hub.offerFor(
            EventKind.CHUNKS,
            requestId,
            Loss.CHUNKS,
            own.size(),
            () -> new ChunkBatchView(own, own.size(), batch.newest()));
      }
    }
  }

  private void completions(List<RequestRow> rows) {
    if (!rows.isEmpty()) {
      hub.offerToAll(
          EventKind.COMPLETION, Loss.COMPLETIONS, rows.size(), () -> Map.of("completions", rows));
    }
  }

  private void deadLetters(List<DeadLetterRow> rows) {
    if (!rows.isEmpty()) {
      hub.offerToAll(
          EventKind.DEAD_LETTER, Loss.DEAD_LETTERS, rows.size(), () -> Map.of("deadLetters", rows));
    }
  }

  private void rows(EventKind kind, List<Map<String, Object>> rows) {
    if (!rows.isEmpty()) {
      hub.offerToAll(kind, Loss.ROWS, rows.size(), () -> Map.of("rows", rows));
    }
  }

  private void publishTraces() {
    for (String requestId : changedTraces) {
      state
          .trace(requestId, false)
          .ifPresent(trace -> hub.replaceFor(EventKind.TRACE, requestId, () -> trace));
    }
    changedTraces.clear();
  }

  @Override
  public void status(FeedStatus now) {
    status = now;
    hub.replace(EventKind.FEED, () -> FeedView.of(now));
  }

  /** How reading goes. Any thread. */
  public FeedStatus status() {
    return status;
  }

  @Override
  public boolean isWatched() {
    return hub.count() > 0;
  }

  /** The data of the event {@code feed}. */
  record FeedView(String feed, String feedProblem, List<String> missingTopics) {

    static FeedView of(FeedStatus status) {
      Optional<String> problem = status.problem();
      return new FeedView(
          status.phase().label(),
          problem.orElse(null),
          status.missing().stream().map(kind -> kind.label()).sorted().toList());
    }
  }
}
