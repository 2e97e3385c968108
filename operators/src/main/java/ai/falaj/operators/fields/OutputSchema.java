package ai.falaj.operators.fields;

import ai.falaj.operators.fields.OutputType.Scalar;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.grammar.OutputGrammar;
import ai.falaj.runtime.grammar.UnsupportedFormatException;
import java.io.Serializable;
import java.util.List;

/**
 * The fields that a model fills, in order: what it is held to, and how its text is read.
 *
 * <p>A single {@link Scalar#STRING} without constraints is the text as the model writes it.
 * Anything else is a JSON object with exactly these fields. Immutable; any thread.
 */
public final class OutputSchema implements Serializable {

  private static final long serialVersionUID = 1L;

  private final List<OutputField> fields;
  private final String jsonSchema;

  private OutputSchema(List<OutputField> fields) {
    this.fields = List.copyOf(fields);
    OutputType.requireDistinct(this.fields);
    this.jsonSchema = JsonSchemaWriter.write(this.fields);
    if (!isPlainText()) {
      requireSupported();
    }
  }

  /**
   * @throws IllegalArgumentException if there is no field, two have one name, or no engine could
   *     hold a model to them (bounds that contradict each other, say), with the place
   */
  public static OutputSchema of(List<OutputField> fields) {
    return new OutputSchema(fields);
  }

  public static OutputSchema of(OutputField... fields) {
    return new OutputSchema(List.of(fields));
  }

  public List<OutputField> fields() {
    return fields;
  }

  /** Whether the model's text is the value of the only field, rather than JSON. */
  public boolean isPlainText() {
    return fields.size() == 1
        && fields.get(0).type() == Scalar.STRING
        && fields.get(0).constraints().isEmpty();
  }

  /**
   * The JSON Schema of an object with the fields: all of them required, in their order, and no
   * others. Also there where {@link #isPlainText()}.
   */
  public String jsonSchema() {
    return jsonSchema;
  }

  /** What to ask the engine for. */
  public OutputFormat format() {
    return isPlainText() ? OutputFormat.TEXT : new OutputFormat.JsonSchema(jsonSchema);
  }

  /**
   * Reads what the model wrote; one Markdown code fence around JSON is looked through. Never throws
   * for what the text holds.
   */
  public ParsedOutput parse(String completionText) {
    return isPlainText()
        ? new ParsedOutput.Values(List.of(completionText))
        : OutputReader.read(fields, completionText);
  }

  private void requireSupported() {
    try {
      OutputGrammar.compile(format());
    } catch (UnsupportedFormatException e) {
      throw new IllegalArgumentException(
          "no model can be held to these fields: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutputSchema that && that.fields.equals(fields);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  @Override
  public String toString() {
    return new OutputType.Row(fields).toString();
  }
}
