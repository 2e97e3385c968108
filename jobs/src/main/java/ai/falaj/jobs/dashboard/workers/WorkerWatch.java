package ai.falaj.jobs.dashboard.workers;

import ai.falaj.jobs.dashboard.push.EventKind;
import ai.falaj.jobs.dashboard.push.PageHub;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the workers every two seconds while somebody wants to know, and tells the pages. A
 * thread of its own, as Flink may take its time; it ends with {@link #close}. {@link #view} may be
 * called by any thread.
 */
public final class WorkerWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);
  private static final long PERIOD_NANOS = 2_000_000_000L;
  private static final long ASKED_NANOS = 10_000_000_000L;
  private static final long STOP_LIMIT_MS = 1_000;

  private final Optional<FlinkWorkers> workers;
  private final PageHub hub;
  private final Thread thread = new Thread(this::run, "falaj-dashboard-workers");
  private volatile WorkersView view;
  private volatile long lastAskedNanos = System.nanoTime() - ASKED_NANOS;
  private volatile boolean stopped;

  private WorkerWatch(Optional<URI> flink, PageHub hub, InstantSource clock) {
    this.workers = flink.map(url -> new FlinkWorkers(url, clock));
    this.hub = hub;
    this.view =
        WorkersView.unavailable(
            flink.isEmpty()
                ? "no Flink was named; start with --flink URL"
                : "Flink was not asked yet",
            flink.map(URI::toString).orElse(null),
            clock.millis());
    thread.setDaemon(true);
  }

  /**
   * @param flink URL of its REST API; empty: there is nothing to look at
   */
  public static WorkerWatch start(Optional<URI> flink, PageHub hub, InstantSource clock) {
    WorkerWatch watch = new WorkerWatch(flink, hub, clock);
    if (flink.isPresent()) {
      watch.thread.start();
    }
    return watch;
  }

  private void run() {
    try {
      while (!stopped) {
        long startedNanos = System.nanoTime();
        if (hub.isWanted(EventKind.WORKERS) || startedNanos - lastAskedNanos < ASKED_NANOS) {
          view = workers.orElseThrow().look();
          hub.replace(EventKind.WORKERS, () -> view);
        }
        LockSupport.parkNanos(Math.max(0, startedNanos + PERIOD_NANOS - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      LOG.debug("The watch over the workers was told to stop");
    }
  }

  /** What was seen last; whoever asks makes it look again soon. */
  public WorkersView view() {
    long now = System.nanoTime();
    if (now - lastAskedNanos > PERIOD_NANOS) {
      LockSupport.unpark(thread);
    }
    lastAskedNanos = now;
    return view;
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
    try {
      thread.join(STOP_LIMIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
