package ai.falaj.runtime.grammar;

import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The grammar of an answer that must be a tool call: one, as {@link
 * ai.falaj.runtime.text.ToolCallSplitter} reads it, with the name of a tool and arguments that
 * satisfy its schema. Any thread.
 */
public final class ToolCallGrammar {

  private static final String PREFIX = "<tool_call>\n";
  private static final String SUFFIX = "\n</tool_call>";

  private static final JsonMapper MAPPER = new JsonMapper();

  private ToolCallGrammar() {}

  /**
   * @return empty where the model need not call
   * @throws UnsupportedFormatException if the schema of a tool's arguments is malformed or not
   *     supported, as for {@link OutputGrammar}
   */
  public static Optional<Grammar> compile(List<ToolDefinition> tools, ToolChoice choice)
      throws UnsupportedFormatException {
    List<ToolDefinition> callable =
        choice instanceof ToolChoice.Named named
            ? tools.stream().filter(tool -> tool.name().equals(named.tool())).toList()
            : choice instanceof ToolChoice.Required ? tools : List.of();
    return callable.isEmpty()
        ? Optional.empty()
        : Optional.of(OutputGrammar.ofSchema(schema(callable).toString(), PREFIX, SUFFIX));
  }

  /** One of the tools by name; its own schema stands among the definitions. */
  private static ObjectNode schema(List<ToolDefinition> tools) throws UnsupportedFormatException {
    ObjectNode schema = MAPPER.createObjectNode();
    ArrayNode calls = schema.putArray("anyOf");
    ObjectNode definitions = schema.putObject("$defs");
    for (ToolDefinition tool : tools) {
      String place = "#/$defs/" + tool.name();
      JsonNode parameters = parse(tool);
      moveReferences(parameters, place);
      definitions.set(tool.name(), parameters);
      ObjectNode call = calls.addObject().put("type", "object");
      ObjectNode properties = call.putObject("properties");
      properties.putObject("name").put("const", tool.name());
      properties.putObject("arguments").put("$ref", place);
      call.putArray("required").add("name").add("arguments");
      call.put("additionalProperties", false);
    }
    return schema;
  }

  private static JsonNode parse(ToolDefinition tool) throws UnsupportedFormatException {
    try {
      return MAPPER.readTree(tool.parametersSchema());
    } catch (JsonProcessingException e) {
      throw UnsupportedFormatException.malformed(
          "tool " + tool.name(), "its parameters are no JSON");
    }
  }

  /** A reference of a tool's schema begins at that schema. */
  private static void moveReferences(JsonNode node, String place) {
    if (node instanceof ObjectNode object) {
      JsonNode reference = object.path("$ref");
      if (reference.isTextual() && reference.textValue().startsWith("#")) {
        object.put("$ref", place + reference.textValue().substring(1));
      }
      for (Map.Entry<String, JsonNode> property : object.properties()) {
        moveReferences(property.getValue(), place);
      }
    } else {
      node.forEach(element -> moveReferences(element, place));
    }
  }
}
