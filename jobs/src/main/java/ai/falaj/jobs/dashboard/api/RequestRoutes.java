package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.dashboard.state.FeedState;
import ai.falaj.jobs.dashboard.view.RequestRow;
import ai.falaj.jobs.dashboard.view.RequestState;
import ai.falaj.jobs.web.WebException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Single requests: search, trace, texts. Any thread. */
public final class RequestRoutes {

  /** As many as {@code RequestTable} remembers by default; for the page's explanation. */
  private static final int REMEMBERED = 10_000;

  private static final int MOST_ROWS = 1_000;
  private static final int MOST_SAMPLES = 1_024;
  private static final Set<String> CHANNELS = Set.of("answer", "reasoning", "prompt");

  private final FeedState state;

  public RequestRoutes(FeedState state) {
    this.state = state;
  }

  private record Found(List<RequestRow> requests, boolean more, int remembered) {}

  /** Adds the paths. */
  public void addTo(RoutesConfig routes) {
    routes.get("/api/requests", this::search);
    routes.get("/api/request", this::trace);
    routes.get("/api/request/text", this::text);
  }

  private void search(Context context) {
    int limit = Query.number(context, "limit", 100, 1, MOST_ROWS);
    List<RequestRow> found =
        state.search(
            Query.text(context, "query").orElse(""),
            Query.choice(
                context,
                "state",
                RequestRoutes::stateOf,
                "QUEUED, DECODING, COMPLETED, DEAD_LETTERED or CANCELLED"),
            limit + 1);
    boolean more = found.size() > limit;
    FigureRoutes.json(context, new Found(more ? found.subList(0, limit) : found, more, REMEMBERED));
  }

  private static Optional<RequestState> stateOf(String name) {
    return Stream.of(RequestState.values()).filter(one -> one.name().equals(name)).findFirst();
  }

  private void trace(Context context) {
    FigureRoutes.json(
        context, state.trace(Query.required(context, "id"), true).orElseThrow(this::unknown));
  }

  private void text(Context context) {
    if (!state.isVisible()) {
      throw WebException.forbidden(
          "text_hidden", "texts are hidden; start the dashboard with --show-prompts");
    }
    String id = Query.required(context, "id");
    if (!state.knows(id)) {
      throw unknown();
    }
    String channel =
        Query.choice(
                context,
                "channel",
                value -> Optional.of(value).filter(CHANNELS::contains),
                "answer, reasoning or prompt")
            .orElse("answer");
    int sample = Query.number(context, "sample", 0, 0, MOST_SAMPLES);
    String text =
        state
            .text(id, sample, channel)
            .orElseThrow(() -> WebException.notFound("no_text", "that text is not kept any more"));
    context
        .header("Cache-Control", "no-store")
        .contentType("text/plain; charset=utf-8")
        .result(text);
  }

  private WebException unknown() {
    return WebException.notFound(
        "unknown_request", "no request of that id is in memory; look further back with --history");
  }
}
