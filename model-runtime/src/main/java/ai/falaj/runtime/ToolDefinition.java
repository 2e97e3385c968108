package ai.falaj.runtime;

import java.util.Objects;

/**
 * A function that the model may call. The runtime only tells the model of it and reports the {@link
 * ToolCall}s; calling it is the caller's business.
 *
 * @param name letters, digits, {@code _} and {@code -}, at most {@value #MAX_NAME_LENGTH}: what
 *     every engine accepts
 * @param description tells the model when to call it; may be empty
 * @param parametersSchema JSON Schema of an object with the arguments, as text
 */
public record ToolDefinition(String name, String description, String parametersSchema) {

  public static final int MAX_NAME_LENGTH = 64;

  /** The schema of a function without arguments. */
  public static final String NO_PARAMETERS = "{\"type\":\"object\",\"properties\":{}}";

  /**
   * @throws IllegalArgumentException naming what is wrong with the name
   */
  public ToolDefinition {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(parametersSchema, "parametersSchema");
    requireName(name);
  }

  static void requireName(String name) {
    boolean valid =
        !name.isEmpty()
            && name.length() <= MAX_NAME_LENGTH
            && name.chars().allMatch(ToolDefinition::isNameCharacter);
    if (!valid) {
      throw new IllegalArgumentException(
          "a tool is named '%s'; a name has 1 to %d letters, digits, _ and -"
              .formatted(
                  name.length() > MAX_NAME_LENGTH
                      ? name.substring(0, MAX_NAME_LENGTH) + "..."
                      : name,
                  MAX_NAME_LENGTH));
    }
  }

  private static boolean isNameCharacter(int character) {
    return (character >= 'a' && character <= 'z')
        || (character >= 'A' && character <= 'Z')
        || (character >= '0' && character <= '9')
        || character == '_'
        || character == '-';
  }
}
