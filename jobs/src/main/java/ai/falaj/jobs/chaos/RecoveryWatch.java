package ai.falaj.jobs.chaos;

import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds out how long the job needs after each event until all of it works again: until the first
 * checkpoint is complete that was triggered after the event. A checkpoint needs every subtask, the
 * JobManager and the broker, and what was answered before it is visible to readers with it.
 *
 * <p>Times are as of the event's beginning, so a pause or the time that a process is down counts. A
 * rescaling counts until a checkpoint that was triggered at the new parallelism. It asks Flink
 * every {@value #POLL_MS} ms from a thread of its own. Other methods: any thread.
 */
final class RecoveryWatch implements AutoCloseable {

  private static final long POLL_MS = 200;

  private final FlinkRestClient rest;
  private final String jobId;
  private final Thread thread = new Thread(this::run, "falaj-chaos-recovery");

  /** Guarded by its own monitor, as {@link #recoveries}. */
  private final Map<Integer, Span> open = new HashMap<>();

  private final Map<Integer, Duration> recoveries = new HashMap<>();
  private long lastTriggeredMs;

  RecoveryWatch(FlinkRestClient rest, String jobId) {
    this.rest = rest;
    this.jobId = jobId;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * An event that is still felt.
   *
   * @param startMs when it began, in ms since 1970
   * @param effectiveMs what was triggered until then says nothing about it
   */
  private record Span(long startMs, long effectiveMs) {}

  /** Event number {@code event} begins now, and is felt at once. */
  void begins(int event) {
    long nowMs = System.currentTimeMillis();
    begins(event, nowMs, nowMs);
  }

  /** An event that began earlier, in ms since 1970, and took effect at the latest now. */
  void tookEffect(int event, long startMs) {
    begins(event, startMs, System.currentTimeMillis());
  }

  private void begins(int event, long startMs, long effectiveMs) {
    synchronized (open) {
      open.put(event, new Span(startMs, effectiveMs));
    }
  }

  /** How long that event was felt; empty while it still is. */
  Optional<Duration> recoveryOf(int event) {
    synchronized (open) {
      return Optional.ofNullable(recoveries.get(event));
    }
  }

  /** When the newest complete checkpoint was triggered, in ms since 1970; 0 before the first. */
  long lastTriggeredMs() {
    synchronized (open) {
      return lastTriggeredMs;
    }
  }

  private void run() {
    try {
      while (true) {
        askFlink().ifPresent(this::onCheckpoint);
        Thread.sleep(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private OptionalLong askFlink() throws InterruptedException {
    try {
      return rest.lastCheckpointTriggeredMs(jobId);
    } catch (FlinkRestException e) {
      return OptionalLong.empty(); // the JobManager is down, paused or not the leader yet
    }
  }

  private void onCheckpoint(long triggeredMs) {
    synchronized (open) {
      lastTriggeredMs = Math.max(lastTriggeredMs, triggeredMs);
      long nowMs = System.currentTimeMillis();
      open.forEach(
          (event, span) -> {
            if (span.effectiveMs() < triggeredMs) {
              recoveries.put(event, Duration.ofMillis(nowMs - span.startMs()));
            }
          });
      open.keySet().removeAll(recoveries.keySet());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
