package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;

/**
 * What shape an answer must have. Reasoning may come before it in any case.
 *
 * <p>An engine that cannot hold a model to a format refuses the request with {@link
 * RuntimeErrorCode#UNSUPPORTED_PARAMETER}; one that cannot read it with {@link
 * RuntimeErrorCode#INVALID_PARAMETER}, and a message that names the place.
 */
public sealed interface OutputFormat {

  /** Whatever the model writes. */
  OutputFormat TEXT = new Text();

  /** Whatever the model writes. */
  record Text() implements OutputFormat {}

  /** Any JSON object. */
  record JsonObject() implements OutputFormat {}

  /**
   * JSON that is valid against a schema.
   *
   * @param schema JSON Schema, draft 2020-12, as text
   */
  record JsonSchema(String schema) implements OutputFormat {
    public JsonSchema {
      Objects.requireNonNull(schema, "schema");
    }
  }

  /**
   * Text that a regular expression matches from its beginning to its end.
   *
   * @param pattern in the syntax of ECMA-262, without look-around and back-references
   */
  record Regex(String pattern) implements OutputFormat {
    public Regex {
      Objects.requireNonNull(pattern, "pattern");
    }
  }

  /**
   * One of some texts.
   *
   * @param choices at least one, none empty
   */
  record Choice(List<String> choices) implements OutputFormat {
    /**
     * @throws IllegalArgumentException if there is no choice, or one is empty
     */
    public Choice {
      choices = List.copyOf(choices);
      if (choices.isEmpty() || choices.contains("")) {
        throw new IllegalArgumentException(
            "choices are " + choices + "; there must be one or more, none of them empty");
      }
    }
  }
}
