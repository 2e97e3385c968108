package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.FalajVersion;
import ai.falaj.jobs.dashboard.feed.FeedKind;
import ai.falaj.jobs.dashboard.feed.FeedStatus;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.dashboard.push.Publisher;
import ai.falaj.jobs.dashboard.state.FeedState;
import ai.falaj.jobs.dashboard.view.ModelView;
import ai.falaj.jobs.web.RequestHead;
import ai.falaj.jobs.web.TokenAccess;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this server is and allows: the first thing that a page asks. Any thread. */
public final class SessionRoutes {

  private final TokenAccess access;
  private final FeedState state;
  private final Publisher publisher;
  private final Facts facts;
  private final InstantSource clock;

  /**
   * What does not change while it runs.
   *
   * @param historyFrom time of the first records
   */
  public record Facts(
      FeedTopics topics,
      Optional<URI> flink,
      boolean readOnly,
      Instant startedAt,
      Instant historyFrom) {}

  public SessionRoutes(
      TokenAccess access, FeedState state, Publisher publisher, Facts facts, InstantSource clock) {
    this.access = access;
    this.state = state;
    this.publisher = publisher;
    this.facts = facts;
    this.clock = clock;
  }

  /** Adds the paths. */
  public void addTo(RoutesConfig routes) {
    routes.get("/api/session", this::session);
  }

  private void session(Context context) {
    boolean authenticated = access.isAuthenticated(RequestHead.of(context.req()), context);
    Map<String, Object> session = new LinkedHashMap<>();
    session.put("version", FalajVersion.current().falaj());
    session.put("authenticated", authenticated);
    session.put("tokenNeeded", access.isTokenNeeded());
    if (authenticated) {
      addDetails(session);
    }
    FigureRoutes.json(context, session);
  }

  private void addDetails(Map<String, Object> session) {
    FeedStatus feed = publisher.status();
    session.put("promptsVisible", state.isVisible());
    session.put("readOnly", facts.readOnly());
    session.put("playground", state.isVisible() && !facts.readOnly());
    session.put("retry", !facts.readOnly());
    session.put("serverTime", clock.millis());
    session.put("startedAt", facts.startedAt().toEpochMilli());
    session.put("historyFrom", facts.historyFrom().toEpochMilli());
    session.put("topics", facts.topics().byLabel());
    session.put(
        "missingTopics",
        feed.missing().stream()
            .sorted()
            .map((FeedKind kind) -> facts.topics().name(kind))
            .toList());
    session.put("feed", feed.phase().label());
    feed.problem().ifPresent(problem -> session.put("feedProblem", problem));
    facts.flink().ifPresent(url -> session.put("flink", url.toString()));
    List<ModelView> models = state.models();
    if (!models.isEmpty()) {
      session.put("model", models.get(0).model());
    }
  }
}
