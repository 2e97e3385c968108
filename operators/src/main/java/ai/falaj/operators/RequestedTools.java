package ai.falaj.operators;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.schemas.PromptRequest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;

/** What a record asks of tools, with everything checked that needs no engine. Stateless. */
final class RequestedTools {

  private static final JsonMapper MAPPER = new JsonMapper();

  private RequestedTools() {}

  /**
   * Adds the tools and whether they must be called.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static void addTo(GenerationRequest.Builder builder, PromptRequest request, int samples) {
    List<ai.falaj.schemas.ToolDefinition> requested = request.getTools();
    if (requested.isEmpty()) {
      if (request.getToolChoice() != null) {
        throw new IllegalArgumentException("tool_choice is set and there are no tools");
      }
      return;
    }
    if (samples > 1) {
      throw new IllegalArgumentException(
          "n is %d and there are tools; ask for one sample, as only one conversation can go on"
              .formatted(samples));
    }
    builder.tools(requested.stream().map(RequestedTools::tool).toList());
    builder.toolChoice(choice(request.getToolChoice()));
  }

  private static ToolDefinition tool(ai.falaj.schemas.ToolDefinition tool) {
    ToolDefinition checked =
        new ToolDefinition(tool.getName(), tool.getDescription(), tool.getParameters());
    boolean isObject;
    try {
      JsonNode schema = MAPPER.readTree(tool.getParameters());
      isObject = schema != null && schema.isObject();
    } catch (JsonProcessingException e) {
      isObject = false; // the text is the client's: its message might repeat it
    }
    if (!isObject) {
      throw new IllegalArgumentException(
          "the parameters of tool %s are no JSON object; give a JSON Schema"
              .formatted(tool.getName()));
    }
    return checked;
  }

  private static ToolChoice choice(String requested) {
    if (requested == null) {
      return ToolChoice.AUTO;
    }
    return switch (requested) {
      case "auto" -> ToolChoice.AUTO;
      case "none" -> ToolChoice.NONE;
      case "required" -> ToolChoice.REQUIRED;
      default -> new ToolChoice.Named(requested);
    };
  }
}
