package ai.falaj.jobs.dashboard;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.dashboard.api.FigureRoutes;
import ai.falaj.jobs.dashboard.api.LetterRoutes;
import ai.falaj.jobs.dashboard.api.PlaygroundRoutes;
import ai.falaj.jobs.dashboard.api.RequestRoutes;
import ai.falaj.jobs.dashboard.api.SessionRoutes;
import ai.falaj.jobs.dashboard.feed.FeedLoop;
import ai.falaj.jobs.dashboard.push.PageHub;
import ai.falaj.jobs.dashboard.push.Publisher;
import ai.falaj.jobs.dashboard.state.FeedState;
import ai.falaj.jobs.dashboard.workers.WorkerWatch;
import ai.falaj.jobs.deadletters.LetterDesk;
import ai.falaj.jobs.web.StaticFiles;
import ai.falaj.jobs.web.TokenAccess;
import ai.falaj.jobs.web.WebServer;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page over the stream: one thread reads the topics into figures, one looks after Flink's
 * workers, a server hands out both and the files of the page. docs/DASHBOARD.md describes its API.
 *
 * <p>States: started by {@link #start}, stopped by {@link #close}. A broker, registry or Flink that
 * does not answer is shown as such and waited for. Any thread.
 */
public final class Dashboard implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);
  private static final String PAGE = "/ai/falaj/jobs/dashboard";

  /** The only paths of the API that callers without the token may use. */
  private static final Set<String> PUBLIC = Set.of("/api/session", "/api/login", "/api/logout");

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final WebServer server;

  private Dashboard(DashboardSettings settings, InstantSource clock) {
    try {
      server = assemble(settings, clock);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts one and returns when it answers; the topics are read from then on.
   *
   * @throws ai.falaj.jobs.web.PortTakenException where another process listens on the port
   */
  public static Dashboard start(DashboardSettings settings) {
    return new Dashboard(settings, InstantSource.system());
  }

  private WebServer assemble(DashboardSettings settings, InstantSource clock) {
    Connection connection = settings.connection();
    Instant startedAt = clock.instant();
    Instant from = startedAt.minus(settings.history());
    ConfluentSchemaRegistry registry = closing(new ConfluentSchemaRegistry(connection.registry()));
    PromptProducer producer = closing(new PromptProducer(connection, registry));
    FeedState state = new FeedState(settings.showPrompts());
    AtomicReference<FeedLoop> loop = new AtomicReference<>();
    PageHub hub = new PageHub(() -> Optional.ofNullable(loop.get()).ifPresent(FeedLoop::wake));
    Publisher publisher = new Publisher(state, hub, clock, () -> System.nanoTime() / 1_000_000);
    WorkerWatch workers = closing(WorkerWatch.start(settings.flink(), hub, clock));
    TokenAccess access = new TokenAccess(settings.token(), Dashboard::isPublic, clock);
    SessionRoutes.Facts facts =
        new SessionRoutes.Facts(
            settings.topics(), settings.flink(), settings.readOnly(), startedAt, from);
    WebServer started =
        closing(
            WebServer.start(
                "falaj-dashboard",
                settings.listen(),
                access,
                routes -> {
                  access.addTo(routes);
                  new SessionRoutes(access, state, publisher, facts, clock).addTo(routes);
                  new FigureRoutes(state, hub, publisher, workers, clock).addTo(routes);
                  new RequestRoutes(state).addTo(routes);
                  new LetterRoutes(new LetterDesk(connection), settings.readOnly()).addTo(routes);
                  new PlaygroundRoutes(producer, settings.readOnly(), settings.showPrompts(), clock)
                      .addTo(routes);
                  new StaticFiles(Dashboard.class, PAGE).addTo(routes);
                }));
    // Before the server stops: its streams end while they still have a connection to end.
    closing(hub);
    // Last, so that a port that is taken costs nothing.
    loop.set(
        closing(
            FeedLoop.start(connection, registry, settings.topics(), Optional.of(from), publisher)));
    return started;
  }

  /** Files of the page hold nothing secret; whatever is written unlike their names is refused. */
  private static boolean isPublic(String path) {
    return PUBLIC.contains(path)
        || path.equals("/")
        || (StaticFiles.isName(path) && !path.startsWith("/api/"));
  }

  private <T extends AutoCloseable> T closing(T part) {
    parts.push(part);
    return part;
  }

  /** Where it is found. */
  public URI url() {
    return server.url();
  }

  /** Stops serving and reading; pages that are open lose their feed. */
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
