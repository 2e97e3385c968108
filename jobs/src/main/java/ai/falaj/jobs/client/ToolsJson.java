package ai.falaj.jobs.client;

import ai.falaj.schemas.ToolCall;
import ai.falaj.schemas.ToolDefinition;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what OpenAI's chat API says of tools: {@code tools}, {@code tool_choice}, and the {@code
 * tool_calls} of an assistant's message. Functions are the only tools. Pure.
 */
final class ToolsJson {

  private static final String FUNCTION = "function";

  private ToolsJson() {}

  /** {@code [{"type": "function", "function": {"name", "description", "parameters"}}]}. */
  static List<ToolDefinition> tools(JsonFields fields) throws PromptJsonException {
    List<ToolDefinition> tools = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (JsonFields tool : objects(fields, "tools")) {
      tool.requireNamesAmong(identity("type", FUNCTION));
      JsonFields function = function(tool);
      function.requireNamesAmong(identity("name", "description", "parameters", "strict"));
      String name = name(function);
      if (!names.add(name)) {
        throw new PromptJsonException("tools has two functions " + name + "; name each once");
      }
      tools.add(
          ToolDefinition.newBuilder()
              .setName(name)
              .setDescription(function.text("description").orElse(""))
              .setParameters(parameters(function))
              .build());
    }
    return tools;
  }

  /**
   * {@code "auto"}, {@code "none"}, {@code "required"}, the name of a tool, or {@code {"type":
   * "function", "function": {"name"}}}.
   */
  static Optional<String> choice(JsonFields fields, List<ToolDefinition> tools)
      throws PromptJsonException {
    Optional<JsonNode> choice = fields.node("tool_choice");
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    String chosen;
    if (choice.get().isObject()) {
      JsonFields object = new JsonFields("tool_choice.", choice.get());
      object.requireNamesAmong(identity("type", FUNCTION));
      chosen = name(function(object));
    } else {
      chosen = fields.nonBlankText("tool_choice").orElseThrow();
    }
    if (tools.isEmpty()) {
      throw new PromptJsonException("tool_choice is given and there are no tools; give some");
    }
    List<String> names = tools.stream().map(ToolDefinition::getName).toList();
    if (!Set.of("auto", "none", "required").contains(chosen) && !names.contains(chosen)) {
      throw new PromptJsonException(
          "tool_choice is "
              + chosen
              + "; it must be auto, none, required or one of the tools: "
              + String.join(", ", names));
    }
    return Optional.of(chosen);
  }

  /** {@code [{"id", "type": "function", "function": {"name", "arguments"}}]} of a message. */
  static List<ToolCall> calls(JsonFields message) throws PromptJsonException {
    List<ToolCall> calls = new ArrayList<>();
    for (JsonFields call : objects(message, "tool_calls")) {
      call.requireNamesAmong(identity("id", "type", FUNCTION));
      JsonFields function = function(call);
      function.requireNamesAmong(identity("name", "arguments"));
      calls.add(
          new ToolCall(
              call.nonBlankText("id").orElseThrow(() -> call.missing("id")),
              name(function),
              function.text("arguments").orElseThrow(() -> function.missing("arguments"))));
    }
    return calls;
  }

  private static JsonFields function(JsonFields tool) throws PromptJsonException {
    Optional<String> type = tool.text("type");
    if (type.isPresent() && !type.get().equals(FUNCTION)) {
      throw tool.problem("type is " + type.get() + "; it must be function");
    }
    JsonNode function = tool.node(FUNCTION).orElseThrow(() -> tool.missing(FUNCTION));
    if (!function.isObject()) {
      throw tool.wrongType(FUNCTION, function, "an object");
    }
    return tool.inside(FUNCTION, function);
  }

  private static String name(JsonFields function) throws PromptJsonException {
    String name = function.nonBlankText("name").orElseThrow(() -> function.missing("name"));
    try {
      // Its own rule: 1 to 64 letters, digits, _ and -.
      return new ai.falaj.runtime.ToolDefinition(name, "", "{}").name();
    } catch (IllegalArgumentException e) {
      throw function.problem("name: " + e.getMessage());
    }
  }

  private static String parameters(JsonFields function) throws PromptJsonException {
    Optional<JsonNode> parameters = function.node("parameters");
    if (parameters.isPresent() && !parameters.get().isObject()) {
      throw function.wrongType("parameters", parameters.get(), "a JSON Schema, an object");
    }
    return parameters.map(JsonNode::toString).orElse(ai.falaj.runtime.ToolDefinition.NO_PARAMETERS);
  }

  private static List<JsonFields> objects(JsonFields fields, String name)
      throws PromptJsonException {
    Optional<JsonNode> list = fields.node(name);
    if (list.isEmpty()) {
      return List.of();
    }
    if (!list.get().isArray()) {
      throw fields.wrongType(name, list.get(), "a list of {\"type\": \"function\", ...}");
    }
    List<JsonFields> objects = new ArrayList<>();
    for (JsonNode element : list.get()) {
      String place = name + "[" + objects.size() + "]";
      if (!element.isObject()) {
        throw fields.wrongType(place, element, "an object {\"type\": \"function\", ...}");
      }
      objects.add(fields.inside(place, element));
    }
    return objects;
  }

  private static Map<String, String> identity(String... names) {
    Map<String, String> identity = new LinkedHashMap<>();
    for (String name : names) {
      identity.put(name, name);
    }
    return identity;
  }
}
