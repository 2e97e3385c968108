package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.web.WebServer;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway in front of a pipeline. States: started by {@link #start}, stopped by {@link #close}.
 * Any thread.
 */
final class Gateway implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

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
    PromptProducer producer = closing(new PromptProducer(connection, registry));
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(Gateway::thread);
    closing(timer::shutdownNow);
    ResultFeed results = ResultFeed.start(connection, registry);
    Admission admission = new Admission(settings.maxInFlight(), settings.maxInFlightPerTenant());
    ChatRoutes chat =
        new ChatRoutes(producer, results, admission, timer, settings.timeout(), clock);
    ModelRoutes models = new ModelRoutes(settings.models(), clock.instant(), results, admission);
    try {
      return closing(
          WebServer.start(
              "falaj-gateway",
              settings.listen(),
              new KeyAccess(settings.keys()),
              routes -> {
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
