package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.WebException;
import ai.falaj.jobs.web.WebJson;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code GET /v1/models} and {@code GET /health}. Any thread. */
final class ModelRoutes {

  private final List<String> names;
  private final Instant startedAt;
  private final Results results;
  private final Admission admission;

  /**
   * @param names as clients may ask for them
   */
  ModelRoutes(List<String> names, Instant startedAt, Results results, Admission admission) {
    this.names = List.copyOf(names);
    this.startedAt = startedAt;
    this.results = results;
    this.admission = admission;
  }

  private record Model(
      String id, String object, long created, @JsonProperty("owned_by") String ownedBy) {}

  private record Models(String object, List<Model> data) {}

  void addTo(RoutesConfig routes) {
    routes.get("/v1/models", context -> json(context, new Models("list", models())));
    routes.get("/v1/models/<name>", this::one);
    routes.get(KeyAccess.HEALTH, this::health);
  }

  private List<Model> models() {
    return names.stream().map(this::model).toList();
  }

  private Model model(String name) {
    return new Model(name, "model", startedAt.getEpochSecond(), "falaj");
  }

  private void one(Context context) {
    String name = context.pathParam("name");
    if (!names.contains(name)) {
      throw WebException.of(
          404, "invalid_request_error", "model_not_found", "this gateway lists no such model");
    }
    json(context, model(name));
  }

  private void health(Context context) {
    if (!results.isReading()) {
      throw Failures.resultsUnavailable();
    }
    json(context, Map.of("status", "ok", "running", admission.running()));
  }

  private static void json(Context context, Object document) {
    context.contentType("application/json").result(WebJson.bytes(document));
  }
}
