package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.gateway.ResultTopics.Result;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads results for all requests of a gateway and hands each to whoever waits
 * for it.
 *
 * <p>States: READING; AWAY while broker or registry do not answer, which it finds out by itself
 * within {@link #PROBE} and some seconds; CLOSED. Whoever waits goes on waiting while it is away:
 * reading resumes where it was, so nothing is lost. Any thread may register.
 */
final class ResultFeed implements Results, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ResultFeed.class);
  private static final Duration POLL = Duration.ofMillis(100);

  /** A consumer does not tell that its broker is gone; asking for the topics does. */
  private static final Duration PROBE = Duration.ofSeconds(5);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final long STOP_LIMIT_MS = 5_000;

  private final ResultTopics topics;
  private final Map<String, ResultListener> waiting = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::run, "falaj-gateway-results");
  private long nextProbeNanos = System.nanoTime() + PROBE.toNanos();
  private volatile boolean isReading = true;
  private volatile boolean stopped;

  private ResultFeed(ResultTopics topics) {
    this.topics = topics;
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (ended, failure) -> LOG.error("Reading of results has ended by a mistake", failure));
  }

  /**
   * Settles where reading begins and starts it: what is written after that is read.
   *
   * @param registry stays the caller's
   * @throws KafkaException where the broker does not answer or lacks a topic
   */
  static ResultFeed start(Connection connection, SchemaRegistry registry) {
    ResultTopics topics = new ResultTopics(connection, registry);
    try {
      topics.refresh();
    } catch (KafkaException e) {
      topics.close();
      throw e;
    }
    ResultFeed feed = new ResultFeed(topics);
    feed.thread.start();
    return feed;
  }

  @Override
  public void register(String requestId, ResultListener listener) {
    waiting.put(requestId, listener);
  }

  @Override
  public void remove(String requestId) {
    waiting.remove(requestId);
  }

  @Override
  public boolean isReading() {
    return isReading;
  }

  private void run() {
    try {
      while (!stopped) {
        round();
      }
    } catch (WakeupException e) {
      LOG.debug("Reading was woken up to stop");
    } finally {
      // After a mistake of ours too: nobody is left to wait in vain, and /health says so.
      isReading = false;
      failAll();
      topics.close();
    }
  }

  /** A broker that is away is a state, not a failure. */
  private void round() {
    try {
      probeWhenDue();
      for (Result result : topics.poll(POLL, waiting::containsKey)) {
        hand(result);
      }
      topics.registryFailure().ifPresentOrElse(this::away, () -> isReading = true);
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      nextProbeNanos = System.nanoTime();
      away(e);
    }
  }

  private void probeWhenDue() {
    if (System.nanoTime() - nextProbeNanos >= 0) {
      topics.refresh();
      nextProbeNanos = System.nanoTime() + PROBE.toNanos();
    }
  }

  private void away(RuntimeException failure) {
    if (isReading) {
      LOG.warn("Results cannot be read; it is tried again", failure);
      isReading = false;
    }
    if (!stopped) {
      LockSupport.parkNanos(RETRY.toNanos());
    }
  }

  private void hand(Result result) {
    ResultListener listener = waiting.get(result.key());
    if (listener == null) {
      return; // It stopped waiting just now.
    }
    if (result.value() instanceof CompletionChunk chunk) {
      listener.chunk(chunk);
    } else if (result.value() instanceof Completion completion) {
      listener.completed(completion);
    } else if (result.value() instanceof DeadLetter letter) {
      listener.deadLettered(letter);
    }
  }

  private void failAll() {
    waiting.values().forEach(listener -> listener.failed(Failures.stopping()));
  }

  /** Ends reading; whoever waits is told. */
  @Override
  public void close() {
    stopped = true;
    isReading = false;
    topics.wakeup();
    LockSupport.unpark(thread);
    try {
      thread.join(STOP_LIMIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    failAll(); // those who registered meanwhile
  }
}
