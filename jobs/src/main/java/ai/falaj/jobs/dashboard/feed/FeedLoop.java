package ai.falaj.jobs.dashboard.feed;

import ai.falaj.jobs.client.Connection;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads the topics: takes what has come in rounds, as one fetch of many records
 * costs broker and client far less than many of one. While nobody watches, rounds are rare.
 *
 * <p>States: started by the constructor, running until {@link #close}. A broker that does not
 * answer is asked again, and what was read is not read a second time.
 */
public final class FeedLoop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FeedLoop.class);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final long WATCHED_ROUND_NANOS = Duration.ofMillis(25).toNanos();
  private static final long UNWATCHED_ROUND_NANOS = Duration.ofMillis(500).toNanos();
  private static final long REFRESH_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long RETRY_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long STOP_LIMIT_MS = 2_000;

  /** After so many there are more, which are not to wait. */
  private static final int MANY_RECORDS = 500;

  private final FeedReader reader;
  private final FeedSink sink;
  private final Thread thread;
  private FeedStatus status = FeedStatus.STARTING;
  private long nextRefreshNanos = System.nanoTime();
  private volatile boolean stopped;

  private FeedLoop(FeedReader reader, FeedSink sink) {
    this.reader = reader;
    this.sink = sink;
    this.thread = new Thread(this::run, "falaj-dashboard-feed");
    thread.setDaemon(true);
  }

  /**
   * Starts reading.
   *
   * @param registry stays the caller's
   * @param from time of the first records of topics that exist; empty: the oldest
   */
  public static FeedLoop start(
      Connection connection,
      SchemaRegistry registry,
      FeedTopics topics,
      Optional<Instant> from,
      FeedSink sink) {
    FeedLoop loop = new FeedLoop(new FeedReader(connection, registry, topics, from), sink);
    loop.thread.start();
    return loop;
  }

  private void run() {
    try {
      while (!stopped) {
        long startedNanos = System.nanoTime();
        int records = round();
        sink.round();
        if (records < MANY_RECORDS) {
          parkUntil(startedNanos + roundNanos());
        }
      }
    } catch (WakeupException e) {
      LOG.debug("The feed was woken up to stop");
    } finally {
      reader.close();
    }
  }

  /** How many records came. A broker that is away is a state, not a failure. */
  private int round() {
    try {
      refreshWhenDue();
      List<FeedRecord> records = reader.poll(POLL);
      if (!records.isEmpty()) {
        sink.records(records);
      }
      if (reader.problem().isPresent()) {
        become(FeedStatus.Phase.WAITING, reader.problem());
        pause();
      } else if (status.phase() != FeedStatus.Phase.LIVE) {
        become(
            reader.isCaughtUp() ? FeedStatus.Phase.LIVE : FeedStatus.Phase.CATCHING_UP,
            Optional.empty());
      }
      return records.size();
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.warn("The dashboard cannot read its topics; it tries again", e);
      become(
          FeedStatus.Phase.WAITING, Optional.of("the broker does not answer: " + e.getMessage()));
      nextRefreshNanos = System.nanoTime() + RETRY_NANOS;
      pause();
      return 0;
    }
  }

  private void refreshWhenDue() {
    long now = System.nanoTime();
    if (nextRefreshNanos - now > 0) {
      return;
    }
    reader.refresh();
    nextRefreshNanos = now + REFRESH_NANOS;
    if (status.phase() == FeedStatus.Phase.LIVE) {
      become(FeedStatus.Phase.LIVE, Optional.empty()); // topics may have come
    }
  }

  private void become(FeedStatus.Phase phase, Optional<String> problem) {
    FeedStatus now = new FeedStatus(phase, problem, reader.missing());
    if (!now.equals(status)) {
      status = now;
      sink.status(now);
    }
  }

  private long roundNanos() {
    return sink.isWatched() ? WATCHED_ROUND_NANOS : UNWATCHED_ROUND_NANOS;
  }

  private void pause() {
    parkUntil(System.nanoTime() + RETRY_NANOS);
  }

  private void parkUntil(long nanos) {
    long left = nanos - System.nanoTime();
    if (left > 0 && !stopped) {
      LockSupport.parkNanos(left);
    }
  }

  /** Begins a round now. Any thread. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  /** Stops reading; returns when it has ended, or after some seconds. */
  @Override
  public void close() {
    stopped = true;
    reader.wakeup();
    wake();
    try {
      thread.join(STOP_LIMIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
