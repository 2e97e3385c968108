package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.dashboard.feed.FeedKind;
import ai.falaj.jobs.dashboard.push.EventKind;
import ai.falaj.jobs.dashboard.push.PageHub;
import ai.falaj.jobs.dashboard.push.Publisher;
import ai.falaj.jobs.dashboard.state.FeedState;
import ai.falaj.jobs.dashboard.state.Resolution;
import ai.falaj.jobs.dashboard.view.BucketView;
import ai.falaj.jobs.dashboard.workers.WorkerWatch;
import ai.falaj.jobs.web.WebException;
import ai.falaj.jobs.web.WebJson;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Figures and events: what {@code GET} paths tell that are not about single requests. Any thread.
 */
public final class FigureRoutes {

  private static final int MOST_MINUTES = 1_440;
  private static final String ALL = "ALL";
  private static final Set<String> WINDOWS = Set.of("10s", "1m", "1h");

  private final FeedState state;
  private final PageHub hub;
  private final Publisher publisher;
  private final WorkerWatch workers;
  private final InstantSource clock;

  public FigureRoutes(
      FeedState state, PageHub hub, Publisher publisher, WorkerWatch workers, InstantSource clock) {
    this.state = state;
    this.hub = hub;
    this.publisher = publisher;
    this.workers = workers;
    this.clock = clock;
  }

  /** A document with one list. */
  private record Rows(List<Map<String, Object>> rows, boolean available) {}

  private record History(
      String resolution, long bucketMs, Long latestEventTime, List<BucketView> buckets) {}

  /** Adds the paths. */
  public void addTo(RoutesConfig routes) {
    routes.get("/api/events", this::events);
    routes.get("/api/history", this::history);
    routes.get("/api/tenants", context -> json(context, state.tenants()));
    routes.get("/api/model", context -> json(context, Map.of("models", state.models())));
    routes.get("/api/workers", context -> json(context, workers.view()));
    routes.get("/api/labels", this::labels);
    routes.get("/api/usage", this::usage);
  }

  static void json(Context context, Object document) {
    context
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(WebJson.bytes(document));
  }

  private void events(Context context) {
    String list = Query.required(context, "events");
    Set<EventKind> kinds =
        EventKind.parse(list)
            .orElseThrow(
                () ->
                    WebException.badRequest(
                            "unknown_event", "events must be a list of names in docs/DASHBOARD.md")
                        .ofParameter("events"));
    hub.open(
        context, kinds, Query.text(context, "request"), PageHub.Hello.of(clock.millis(), kinds));
  }

  private void history(Context context) {
    Resolution resolution =
        Query.choice(context, "resolution", Resolution::of, "1s, 10s or 1m")
            .orElse(Resolution.TEN_SECONDS);
    int minutes = Query.number(context, "minutes", 15, 1, MOST_MINUTES);
    json(
        context,
        new History(
            resolution.label(),
            resolution.lengthMs(),
            state.latestEventTime(),
            state.history(resolution, minutes)));
  }

  private void labels(Context context) {
    json(
        context,
        new Rows(
            state.labels(window(context), grouping(context), minutes(context)),
            isThere(FeedKind.LABELS)));
  }

  private void usage(Context context) {
    json(
        context,
        new Rows(
            state.usage(window(context), grouping(context), minutes(context)),
            isThere(FeedKind.USAGE)));
  }

  private static String window(Context context) {
    return Query.choice(
            context,
            "window",
            value -> Optional.of(value).filter(WINDOWS::contains),
            "10s, 1m or 1h")
        .orElse("1m");
  }

  private static String grouping(Context context) {
    return Query.text(context, "grouping").orElse(ALL);
  }

  private static int minutes(Context context) {
    return Query.number(context, "minutes", 60, 1, MOST_MINUTES);
  }

  private boolean isThere(FeedKind kind) {
    return !publisher.status().missing().contains(kind);
  }
}
