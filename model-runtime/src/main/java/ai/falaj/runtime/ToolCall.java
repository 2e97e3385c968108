package ai.falaj.runtime;

import java.util.Objects;

/**
 * A model's wish to call a function.
 *
 * @param id names this call; the message with its result repeats it
 * @param name of a {@link ToolDefinition} of the request, unless the model made one up
 * @param arguments JSON text as the model wrote it: an object where the engine held it to one,
 *     anything where it did not. Check before use
 */
public record ToolCall(String id, String name, String arguments) {
  public ToolCall {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(arguments, "arguments");
  }
}
