package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of chunks, completions and dead letters for all requests of a gateway: it reads from
 * the end on, hands each record to whoever waits for it, and passes over everybody else's.
 *
 * <p>States: reading from {@link #start} to {@link #close}. Whoever waits is told when reading
 * fails, as records may be lost then, and reading begins anew. Any thread may register.
 */
final class ResultFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ResultFeed.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long RETRY_MS = 1_000;
  private static final long STOP_LIMIT_MS = 5_000;
  private static final EnumSet<RecordKind> KINDS =
      EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);

  private final Connection connection;
  private final SchemaRegistry registry;
  private final Map<String, ResultListener> waiting = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::run, "falaj-gateway-results");
  private ResultReader reader;
  private volatile boolean isReading = true;
  private volatile boolean stopped;

  private ResultFeed(Connection connection, SchemaRegistry registry) {
    this.connection = connection;
    this.registry = registry;
    this.reader = open();
    thread.setDaemon(true);
  }

  /**
   * Settles where reading begins and starts it: what is written after that is read.
   *
   * @param registry stays the caller's
   * @throws KafkaException where the broker does not answer
   */
  static ResultFeed start(Connection connection, SchemaRegistry registry) {
    ResultFeed feed = new ResultFeed(connection, registry);
    feed.thread.start();
    return feed;
  }

  private ResultReader open() {
    return ResultReader.open(connection, registry, KINDS, new StartPoint.End());
  }

  /** Lets a listener hear of a request, from before its prompt is written on. */
  void register(String requestId, ResultListener listener) {
    waiting.put(requestId, listener);
  }

  /** Lets it hear no more. */
  void remove(String requestId) {
    waiting.remove(requestId);
  }

  /** Whether results are read; a request that comes meanwhile would wait in vain. */
  boolean isReading() {
    return isReading;
  }

  private void run() {
    while (!stopped) {
      try {
        for (ReadRecord message : reader.poll(POLL)) {
          hand(message);
        }
      } catch (KafkaException | SchemaRegistryException e) {
        beginAnew(e);
      }
    }
    reader.close();
  }

  private void hand(ReadRecord message) {
    ResultListener listener = message.requestId().map(waiting::get).orElse(null);
    if (listener == null) {
      return;
    }
    message.value(CompletionChunk.class).ifPresent(listener::chunk);
    message.value(Completion.class).ifPresent(listener::completed);
    message.value(DeadLetter.class).ifPresent(listener::deadLettered);
  }

  private void beginAnew(RuntimeException failure) {
    LOG.warn("Results cannot be read; reading begins anew", failure);
    isReading = false;
    failAll(
        WebException.unavailable("results_unavailable", "results cannot be read now; ask again"));
    reader.close();
    while (!stopped) {
      try {
        Thread.sleep(RETRY_MS);
        reader = open();
        isReading = true;
        return;
      } catch (KafkaException e) {
        LOG.warn("Results still cannot be read", e);
      } catch (InterruptedException e) {
        return; // Only close() interrupts.
      }
    }
  }

  private void failAll(WebException reason) {
    waiting.values().forEach(listener -> listener.failed(reason));
  }

  /** Ends reading; whoever waits is told. */
  @Override
  public void close() {
    stopped = true;
    isReading = false;
    failAll(WebException.unavailable("stopping", "the gateway is about to stop"));
    thread.interrupt();
    try {
      thread.join(STOP_LIMIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
