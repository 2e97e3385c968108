package ai.falaj.operators.sql;

import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.function.Function;

/** An OpenAI-compatible server whose answers a test writes, request body by request body. */
final class ChatServer implements AutoCloseable {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final ScriptedServer server;

  private ChatServer(ScriptedServer server) {
    this.server = server;
  }

  /** Each answer is what the function makes of the request's body. */
  static ChatServer answering(Function<JsonNode, String> answers) {
    return scripted(body -> answer(answers.apply(body), "stop"));
  }

  static ChatServer scripted(Function<JsonNode, Script> scripts) {
    return new ChatServer(
        ScriptedServer.start(
            request ->
                request.method().equals("GET")
                    ? Script.response(200, "{\"data\":[{\"id\":\"m\"}]}")
                    : scripts.apply(body(request))));
  }

  static Script answer(String text, String finishReason) {
    return Script.stream()
        .data("{\"choices\":[{\"delta\":{\"content\":" + json(text) + "}}]}")
        .data(
            "{\"choices\":[{\"delta\":{},\"finish_reason\":\"%s\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}"
                .formatted(finishReason))
        .data("[DONE]")
        .end();
  }

  /** For the option {@code endpoint}. */
  String endpoint() {
    return server.address() + "/v1/chat/completions";
  }

  /** Most requests that were ever answered at once. */
  int mostAnswering() {
    return server.mostAnswering();
  }

  /** Bodies of all chat requests. */
  List<JsonNode> received() {
    return server.received().stream()
        .filter(request -> request.method().equals("POST"))
        .map(ChatServer::body)
        .toList();
  }

  /** Content of the last message. */
  static String lastMessage(JsonNode body) {
    JsonNode messages = body.path("messages");
    return messages.path(messages.size() - 1).path("content").asText();
  }

  @Override
  public void close() {
    server.close();
  }

  private static JsonNode body(ReceivedRequest request) {
    try {
      return MAPPER.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the request is no JSON", e);
    }
  }

  private static String json(String text) {
    try {
      return MAPPER.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
