package ai.falaj.jobs.chaos;

import ai.falaj.jobs.chaos.ExpectedResult.Fate;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Sends prompts at a steady rate from a thread of its own, and cancels those that are to be
 * cancelled a little later. Its producer tries for longer than any broker stays away, and never
 * twice where once was enough: it is idempotent. So a prompt that is not acknowledged at the end
 * was refused or is still on its way, and the topic tells.
 *
 * <p>While the broker is away the producer blocks; what is late by then is sent at once when the
 * broker is back.
 *
 * <p>It is started once and ends with {@link #finish}. Acknowledgements come on the producer's
 * thread.
 */
final class PromptLoad implements AutoCloseable {

  /** Longer than any run is without a broker. */
  private static final Duration DELIVERY_LIMIT = Duration.ofMinutes(10);

  private static final long CANCEL_AFTER_MS = 700;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final PromptMaker maker;
  private final double perSecond;
  private final PromptProducer producer;
  private final Thread thread = new Thread(this::run, "falaj-chaos-load");
  private final List<ExpectedResult> sent = new ArrayList<>();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Deque<Cancellation> cancellations = new ArrayDeque<>();
  private volatile boolean stopping;
  private volatile boolean closed;
  private volatile RuntimeException failure;

  private record Cancellation(long dueNanos, PromptRequest prompt) {}

  /**
   * @param registry stays the caller's
   */
  PromptLoad(Connection connection, SchemaRegistry registry, PromptMaker maker, double perSecond) {
    this.maker = maker;
    this.perSecond = perSecond;
    String limitMs = Long.toString(DELIVERY_LIMIT.toMillis());
    Connection patient =
        new Connection(
            connection.bootstrapServers(),
            connection.registry(),
            Map.of(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                limitMs,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                limitMs),
            connection.topics());
    producer = new PromptProducer(patient, registry);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      sendAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) { // told to whoever asks next: a thread has no caller
      failure = e;
    }
  }

  private void sendAll() throws InterruptedException {
    long startNanos = System.nanoTime();
    for (int number = 0; !closed; number++) {
      long dueNanos = startNanos + Math.round(number * (NANOS_PER_SECOND / perSecond));
      if (stopping && dueNanos - System.nanoTime() > 0) {
        break;
      }
      TimeUnit.NANOSECONDS.sleep(dueNanos - System.nanoTime());
      send(maker.make(number));
      cancelThoseDue(System.nanoTime());
    }
    cancelThoseDue(Long.MAX_VALUE);
  }

  private void send(PromptMaker.Made made) {
    String id = made.expected().requestId();
    sent.add(made.expected());
    producer.send(made.prompt()).thenRun(() -> acknowledged.add(id));
    if (made.expected().fate() == Fate.CANCELLED) {
      long dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CANCEL_AFTER_MS);
      cancellations.add(new Cancellation(dueNanos, made.prompt()));
    }
  }

  private void cancelThoseDue(long nowNanos) {
    while (!cancellations.isEmpty()
        && (nowNanos == Long.MAX_VALUE || cancellations.peek().dueNanos() - nowNanos <= 0)) {
      producer.cancel(cancellations.poll().prompt());
    }
  }

  /** Ends the load, which is not late then, and waits until the broker has all of it. */
  void finish() throws InterruptedException {
    stopping = true;
    thread.join();
    throwIfFailed();
    producer.flush();
  }

  /**
   * @throws RuntimeException that ended the load early
   */
  void throwIfFailed() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Everything that was sent; call it after {@link #finish}. */
  List<ExpectedResult> sent() {
    if (thread.isAlive()) {
      throw new IllegalStateException("the load goes on");
    }
    return List.copyOf(sent);
  }

  /** Ids that the broker has acknowledged until now. Any thread. */
  Set<String> acknowledged() {
    return Set.copyOf(acknowledged);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    producer.close();
  }
}
