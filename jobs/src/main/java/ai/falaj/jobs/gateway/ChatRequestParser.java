package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.PromptJson;
import ai.falaj.jobs.client.PromptJsonException;
import ai.falaj.jobs.web.WebException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a chat completion request of OpenAI's API, and vLLM's additions, into a prompt record.
 * Parameters that change nothing about the answer are passed over; those that would, and cannot be
 * served, are refused by name. Any thread.
 */
final class ChatRequestParser {

  /** Stands for the job's own model, whatever it is. */
  static final String DEFAULT_MODEL = "falaj";

  private static final Set<String> PASSED_ON =
      Set.of(
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "seed",
          "stop",
          "presence_penalty",
          "frequency_penalty",
          "repetition_penalty",
          "logit_bias",
          "response_format",
          "reasoning_budget",
          "priority",
          "metadata");

  /** What it would change cannot be had here. */
  private static final List<String> REFUSED =
      List.of(
          "tools",
          "functions",
          "tool_choice",
          "function_call",
          "logprobs",
          "top_logprobs",
          "audio",
          "prediction",
          "modalities",
          "web_search_options");

  private static final List<String> HARMLESS_VALUES = List.of("[]", "{}", "false", "0", "\"none\"");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final PromptJson prompts;
  private final InstantSource clock;
  private final Duration timeout;

  /**
   * @param clock creation time of the records
   * @param timeout after which nobody waits for an answer: the deadline of the records
   */
  ChatRequestParser(InstantSource clock, Duration timeout) {
    this.clock = clock;
    this.timeout = timeout;
    this.prompts =
        new PromptJson(
            () -> {
              throw new IllegalStateException("every request is given an id");
            },
            clock);
  }

  /**
   * @param body as the client sent it
   * @param requestId the record's, made up here: clients must not name those of others
   * @param tenant of the caller's key
   * @throws WebException 400 with the parameter that is wrong
   */
  ChatRequest parse(JsonNode body, String requestId, Optional<String> tenant) {
    if (!body.isObject()) {
      throw WebException.badRequest("invalid_json", "the body is no JSON object");
    }
    refuseWhatCannotBeServed(body);
    String model = text(body, "model").orElse(DEFAULT_MODEL);
    boolean stream = flag(body, "stream");
    ObjectNode prompt = JSON.objectNode();
    prompt.put("request_id", requestId);
    prompt.put("stream", stream);
    prompt.put("deadline", clock.instant().plus(timeout).toEpochMilli());
    tenant.ifPresent(name -> prompt.put("tenant", name));
    if (!model.equals(DEFAULT_MODEL)) {
      prompt.put("model", model);
    }
    prompt.set("messages", messages(body.path("messages")));
    if (body.path("reasoning_effort").asText().equals("none")) {
      prompt.put("reasoning_budget", 0);
    }
    maxTokens(body).ifPresent(limit -> prompt.set("max_tokens", limit));
    for (String name : PASSED_ON) {
      JsonNode value = body.path(name);
      if (!value.isMissingNode() && !value.isNull() && !isPlainText(name, value)) {
        prompt.set(name, value);
      }
    }
    try {
      return new ChatRequest(
          prompts.parse(prompt.toString()),
          model,
          stream,
          flag(body.path("stream_options"), "include_usage"));
    } catch (PromptJsonException e) {
      WebException refusal = WebException.badRequest("invalid_request", e.getMessage());
      throw parameter(e.getMessage(), body).map(refusal::ofParameter).orElse(refusal);
    }
  }

  /** Messages begin with the name of what they are about: {@code messages[0].role is king}. */
  private static Optional<String> parameter(String message, JsonNode body) {
    String place = message.split("[ :;]", 2)[0];
    String name = place.split("[.\\[]", 2)[0];
    if (name.equals("max_tokens") && body.hasNonNull("max_completion_tokens")) {
      return Optional.of("max_completion_tokens");
    }
    return body.has(name) ? Optional.of(place) : Optional.empty();
  }

  private static void refuseWhatCannotBeServed(JsonNode body) {
    for (String name : REFUSED) {
      JsonNode value = body.path(name);
      if (!value.isMissingNode()
          && !value.isNull()
          && !HARMLESS_VALUES.contains(value.toString())) {
        throw unsupported(name, name + " is not supported by this gateway; leave it out");
      }
    }
    if (body.path("n").asInt(1) != 1) {
      throw unsupported("n", "n must be 1 here; ask as often as you want answers");
    }
  }

  private static WebException unsupported(String parameter, String message) {
    return WebException.badRequest("unsupported_parameter", message).ofParameter(parameter);
  }

  /** {@code {"type": "text"}} is no wish for a format. */
  private static boolean isPlainText(String name, JsonNode value) {
    return name.equals("response_format") && value.path("type").asText().equals("text");
  }

  private static Optional<JsonNode> maxTokens(JsonNode body) {
    for (String name : List.of("max_completion_tokens", "max_tokens")) {
      if (body.hasNonNull(name)) {
        return Optional.of(body.get(name));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> text(JsonNode body, String name) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw WebException.badRequest("invalid_type", name + " must be a text").ofParameter(name);
    }
    return Optional.of(value.textValue());
  }

  private static boolean flag(JsonNode body, String name) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw WebException.badRequest("invalid_type", name + " must be true or false")
          .ofParameter(name);
    }
    return value.booleanValue();
  }

  private static ArrayNode messages(JsonNode given) {
    if (!given.isArray() || given.isEmpty()) {
      throw WebException.badRequest(
              "missing_parameter", "messages must be a list with at least one message")
          .ofParameter("messages");
    }
    ArrayNode messages = JSON.arrayNode();
    for (int index = 0; index < given.size(); index++) {
      messages.add(message(given.get(index), "messages[" + index + "]"));
    }
    return messages;
  }

  private static ObjectNode message(JsonNode given, String place) {
    String role = given.path("role").asText();
    ObjectNode message = JSON.objectNode();
    // "developer" is what newer clients call the system.
    message.put("role", role.equals("developer") ? "system" : role);
    message.put("content", content(given.path("content"), place));
    if (given.hasNonNull("tool_calls") || role.equals("tool")) {
      throw WebException.badRequest(
              "unsupported_parameter", "turns of tools are not supported by this gateway")
          .ofParameter(place);
    }
    return message;
  }

  /** A text, or parts of it; what is no text is refused. */
  private static String content(JsonNode content, String place) {
    if (content.isTextual()) {
      return content.textValue();
    }
    if (!content.isArray()) {
      throw WebException.badRequest("invalid_type", place + ".content must be a text")
          .ofParameter(place + ".content");
    }
    StringBuilder text = new StringBuilder();
    for (Iterator<JsonNode> parts = content.elements(); parts.hasNext(); ) {
      JsonNode part = parts.next();
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw WebException.badRequest(
                "unsupported_content", place + " has a part that is no text; only text is served")
            .ofParameter(place + ".content");
      }
      text.append(part.get("text").textValue());
    }
    return text.toString();
  }
}
