package ai.falaj.jobs.client;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.ToolCall;
import ai.falaj.schemas.ToolDefinition;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads a {@link PromptRequest} from JSON. Names are the schema's, with short ones beside them
 * ({@code id}, {@code conversation}); sampling parameters stand either in {@code sampling} or
 * beside the rest, as in OpenAI's API, whose tools are read too; {@code prompt} is short for one
 * user turn, and a bare JSON string is short for an object with nothing but a prompt.
 *
 * <p>Whatever would end as a dead letter for sure is refused here, with the field and its range in
 * the message; names nobody knows are refused as well, as they are mostly misspelled ones. Any
 * thread.
 */
public final class PromptJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");
  private static final List<String> MESSAGE_FIELDS =
      List.of("role", "content", "tool_calls", "tool_call_id");
  private static final Map<String, String> FIELDS = requestFields();

  private final Supplier<String> newRequestId;
  private final InstantSource clock;

  /**
   * @param newRequestId names requests that bring no id
   * @param clock creation time of requests that bring none
   */
  public PromptJson(Supplier<String> newRequestId, InstantSource clock) {
    this.newRequestId = newRequestId;
    this.clock = clock;
  }

  private static Map<String, String> requestFields() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("id", "request_id");
    names.put("prompt", "prompt");
    names.put("messages", "messages");
    names.put("system", "system");
    for (String name : SamplingJson.NAMES) {
      names.put(name, name);
    }
    names.put("tenant", "tenant");
    names.put("conversation", "conversation_id");
    names.put("priority", "priority");
    names.put("deadline", "deadline");
    names.put("model", "model");
    names.put("adapter", "adapter");
    names.put("stream", "stream");
    names.put("metadata", "metadata");
    names.put("tools", "tools");
    names.put("tool_choice", "tool_choice");
    for (String name : List.of("request_id", "conversation_id", "sampling", "created_at")) {
      names.put(name, name);
    }
    return names;
  }

  /**
   * Reads one request.
   *
   * @throws PromptJsonException with what is wrong and what would be right
   */
  public PromptRequest parse(String json) throws PromptJsonException {
    JsonNode root = read(json);
    if (root.isTextual()) {
      root = MAPPER.createObjectNode().set("prompt", root);
    }
    if (!root.isObject()) {
      throw new PromptJsonException(
          "it is neither an object nor a string; write {\"prompt\": \"...\"}");
    }
    JsonFields fields = new JsonFields("", root);
    fields.requireNamesAmong(FIELDS);
    return request(fields);
  }

  private static JsonNode read(String json) throws PromptJsonException {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      String place = column > 0 ? " at column " + column : "";
      throw new PromptJsonException("it is no JSON" + place + ": " + e.getOriginalMessage());
    }
    if (root == null || root.isMissingNode()) {
      throw new PromptJsonException("it is empty; write {\"prompt\": \"...\"}");
    }
    return root;
  }

  private PromptRequest request(JsonFields fields) throws PromptJsonException {
    List<ToolDefinition> tools = ToolsJson.tools(fields);
    return PromptRequest.newBuilder()
        .setRequestId(fields.nonBlankText("request_id", "id").orElseGet(newRequestId))
        .setConversationId(fields.nonBlankText("conversation_id", "conversation").orElse(null))
        .setTenant(fields.nonBlankText("tenant").orElse(null))
        .setMessages(messages(fields))
        .setSampling(sampling(fields).orElse(null))
        .setPriority(fields.integer("priority").orElse(0))
        .setDeadline(time(fields, "deadline").orElse(null))
        .setModel(fields.nonBlankText("model").orElse(null))
        .setAdapter(fields.nonBlankText("adapter").orElse(null))
        .setStream(fields.bool("stream").orElse(true))
        .setMetadata(fields.textMap("metadata"))
        .setTools(tools)
        .setToolChoice(ToolsJson.choice(fields, tools).orElse(null))
        .setCreatedAt(time(fields, "created_at").orElseGet(clock::instant))
        .build();
  }

  private static Optional<SamplingParameters> sampling(JsonFields fields)
      throws PromptJsonException {
    Optional<JsonNode> nested = fields.node("sampling");
    List<String> beside = fields.names().stream().filter(SamplingJson.NAMES::contains).toList();
    if (nested.isEmpty()) {
      return beside.isEmpty() ? Optional.empty() : Optional.of(SamplingJson.parse(fields));
    }
    if (!beside.isEmpty()) {
      throw new PromptJsonException(
          beside.get(0) + " stands beside sampling; put it into sampling as well");
    }
    if (!nested.get().isObject()) {
      throw fields.wrongType("sampling", nested.get(), "an object");
    }
    JsonFields inside = new JsonFields("sampling.", nested.get());
    inside.requireNamesAmong(identity(SamplingJson.NAMES));
    return Optional.of(SamplingJson.parse(inside));
  }

  private static List<ChatMessage> messages(JsonFields fields) throws PromptJsonException {
    Optional<String> prompt = fields.text("prompt");
    Optional<JsonNode> listed = fields.node("messages");
    if (prompt.isPresent() && listed.isPresent()) {
      throw new PromptJsonException("prompt and messages are both given; give one of them");
    }
    List<ChatMessage> messages = new ArrayList<>();
    Optional<String> system = fields.nonBlankText("system");
    system.ifPresent(text -> messages.add(new ChatMessage("system", text)));
    if (prompt.isPresent()) {
      messages.add(new ChatMessage("user", prompt.get()));
    } else if (listed.isPresent()) {
      messages.addAll(listed(fields, listed.get()));
    } else {
      throw new PromptJsonException("prompt is missing; give prompt or messages");
    }
    if (system.isPresent() && messages.stream().skip(1).anyMatch(PromptJson::isSystem)) {
      throw new PromptJsonException(
          "system is given and messages has a system turn too; give one of them");
    }
    if (messages.stream().allMatch(turn -> isSystem(turn) || turn.getContent().isBlank())) {
      throw new PromptJsonException(
          (prompt.isPresent() ? "prompt" : "messages") + " is empty; give it some text");
    }
    return messages;
  }

  private static List<ChatMessage> listed(JsonFields fields, JsonNode list)
      throws PromptJsonException {
    if (!list.isArray()) {
      throw fields.wrongType("messages", list, "a list of {\"role\", \"content\"}");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode element : list) {
      String place = "messages[" + messages.size() + "]";
      if (!element.isObject()) {
        throw fields.wrongType(place, element, "an object {\"role\", \"content\"}");
      }
      messages.add(message(place, new JsonFields(place + ".", element)));
    }
    return messages;
  }

  private static ChatMessage message(String place, JsonFields fields) throws PromptJsonException {
    fields.requireNamesAmong(identity(MESSAGE_FIELDS));
    Optional<String> role = fields.text("role");
    Optional<String> content = fields.text("content");
    List<ToolCall> calls = ToolsJson.calls(fields);
    Optional<String> callId = fields.nonBlankText("tool_call_id");
    if (role.isEmpty() || (content.isEmpty() && calls.isEmpty())) {
      throw new PromptJsonException(
          place + " has no " + (role.isEmpty() ? "role" : "content") + "; it needs both");
    }
    if (!ROLES.contains(role.get())) {
      throw new PromptJsonException(
          place + ".role is " + role.get() + "; it must be system, user, assistant or tool");
    }
    if (!calls.isEmpty() && !role.get().equals("assistant")) {
      throw fields.problem(
          "tool_calls stands in a turn of " + role.get() + "; only the assistant has them");
    }
    if (callId.isPresent() != role.get().equals("tool")) {
      throw fields.problem(
          callId.isPresent()
              ? "tool_call_id stands in a turn of " + role.get() + "; only a tool has one"
              : "tool_call_id is missing; say which call of the assistant it answers");
    }
    return new ChatMessage(role.get(), content.orElse(""), calls, callId.orElse(null));
  }

  private static boolean isSystem(ChatMessage message) {
    return message.getRole().equals("system");
  }

  private static Optional<Instant> time(JsonFields fields, String name) throws PromptJsonException {
    Optional<JsonNode> value = fields.node(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get().isTextual()) {
      try {
        return Optional.of(Instant.parse(value.get().textValue()));
      } catch (DateTimeParseException e) {
        throw new PromptJsonException(
            name
                + " is "
                + value.get().textValue()
                + "; it must be like 2027-01-31T08:00:00Z or milliseconds since the epoch");
      }
    }
    return fields.longInteger(name).map(Instant::ofEpochMilli);
  }

  private static Map<String, String> identity(List<String> names) {
    Map<String, String> identity = new LinkedHashMap<>();
    names.forEach(name -> identity.put(name, name));
    return identity;
  }
}
