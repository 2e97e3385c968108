package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.web.WebServer;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway in front of a pipeline. States: started by {@link #start}, stopped by {@link #close}.
 * Any thread.
 */
final class Gateway implements AutoCloseable {

  /** Largest body of a request: long conversations are what this API is for. */
  static final int MOST_BODY_BYTES = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final int ANSWER_THREADS = 16;
  private static final long ANSWER_IDLE_S = 30;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final WebServer server;

  private Gateway(GatewaySettings settings, InstantSource clock) {
    try {
      server = assemble(settings, clock);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts one and returns when it answers.
   *
   * @throws ai.falaj.jobs.web.PortTakenException where another process listens on the port
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer
   */
  static Gateway start(GatewaySettings settings) {
    return new Gateway(settings, InstantSource.system());
  }

  private WebServer assemble(GatewaySettings settings, InstantSource clock) {
    Connection connection = settings.connection();
    ConfluentSchemaRegistry registry = closing(new ConfluentSchemaRegistry(connection.registry()));
    PromptTopic prompts = closing(new PromptTopic(connection, registry));
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(Gateway::thread);
    closing(timer::shutdownNow);
    ExecutorService answers = answers();
    closing(answers::shutdown);
    ResultFeed results = ResultFeed.start(connection, registry);
    Admission admission = new Admission(settings.maxInFlight(), settings.maxInFlightPerTenant());
    ChatRoutes chat =
        new ChatRoutes(prompts, results, admission, timer, answers, settings.timeout(), clock);
    AccessLog accessLog = AccessLog.toLogFile();
    ModelRoutes models = new ModelRoutes(settings.models(), clock.instant(), results, admission);
    try {
      return closing(
          WebServer.start(
              "falaj-gateway",
              settings.listen(),
              MOST_BODY_BYTES,
              new KeyAccess(settings.keys()),
              routes -> {
                accessLog.addTo(routes);
                chat.addTo(routes);
                models.addTo(routes);
              }));
    } finally {
      // Before the server stops: who waits is told while there is a connection to tell it on.
      closing(results);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "falaj-gateway-timer");
    thread.setDaemon(true);
    return thread;
  }

  /** Its queue is bounded by how many requests may be under way. */
  private static ExecutorService answers() {
    ThreadPoolExecutor answers =
        new ThreadPoolExecutor(
            ANSWER_THREADS,
            ANSWER_THREADS,
            ANSWER_IDLE_S,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "falaj-gateway-answer");
              thread.setDaemon(true);
              return thread;
            });
    answers.allowCoreThreadTimeOut(true);
    return answers;
  }

  private <T extends AutoCloseable> T closing(T part) {
    parts.push(part);
    return part;
  }

  /** Where it is found. */
  URI url() {
    return server.url();
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close well", part.getClass().getSimpleName(), e);
      }
    }
  }
}
