package ai.falaj.jobs.reasoning;

import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server with vLLM's protocol whose models are a planner and a solver: every problem is hard,
 * each candidate answers its seed, and the judge prefers the later one. Close it.
 */
public final class ScriptedRecipe implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ScriptedServer server = ScriptedServer.start(this::answer);
  private final List<String> asked = new CopyOnWriteArrayList<>();

  /** The options of two models on this server, "thinker" and "solver". */
  public Map<String, String> models() {
    return Map.of(
        "falaj.models.thinker.engine", "vllm",
        "falaj.models.thinker.base-url", url(),
        "falaj.models.thinker.model", "org/thinker",
        "falaj.models.solver.engine", "vllm",
        "falaj.models.solver.base-url", url(),
        "falaj.models.solver.model", "org/solver",
        "falaj.reasoning.planner.model", "thinker",
        "falaj.reasoning.solver.model", "solver");
  }

  private String url() {
    return server.address() + "/v1";
  }

  /** Names of the models in the order in which they were asked. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  private Script answer(ReceivedRequest request) {
    if (request.method().equals("GET")) {
      return Script.response(
          200, "{\"object\":\"list\",\"data\":[{\"id\":\"org/thinker\"},{\"id\":\"org/solver\"}]}");
    }
    JsonNode body;
    try {
      body = JSON.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    asked.add(body.path("model").asText());
    if (body.path("model").asText().equals("org/solver") && request.body().contains("refuse")) {
      return Script.response(400, "{\"error\":{\"message\":\"no\"}}");
    }
    return says(reply(body));
  }

  private static String reply(JsonNode body) {
    String prompt = body.path("messages").toString();
    if (body.path("model").asText().equals("org/solver")) {
      return "It is \\boxed{" + body.path("seed").asLong() + "}.";
    }
    if (prompt.contains("Response 1: ")) {
      return "{\"index\":1,\"explanation\":\"later is better\"}";
    }
    return body.has("response_format") || body.has("structured_outputs")
        ? "{\"is_hard_problem\":true,\"plan\":\"\",\"search_list\":[\"sums\"]}"
        : "<plan>add them up</plan>";
  }

  private static Script says(String text) {
    String content;
    try {
      content = JSON.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return Script.stream()
        .data("{\"choices\":[{\"index\":0,\"delta\":{\"content\":" + content + "}}]}")
        .data("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}")
        .data("{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}")
        .data("[DONE]")
        .end();
  }

  @Override
  public void close() {
    server.close();
  }
}
