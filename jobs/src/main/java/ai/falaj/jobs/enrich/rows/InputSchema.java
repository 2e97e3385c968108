package ai.falaj.jobs.enrich.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * What is known of the input's fields before the job starts. Immutable.
 *
 * @param record the fields with their types; absent where nobody declared them
 * @param names of the fields; absent where they are not known either, so that a template cannot be
 *     checked against them
 */
public record InputSchema(Schema recordOrNull, List<String> namesOrNull) implements Serializable {

  /**
   * Of a record whose fields were declared in the file of the enrichment, or are a CSV's header.
   */
  private static final String DECLARED = "ai.falaj.enrich.Row";

  /** Records of this schema. */
  public static InputSchema of(Schema record) {
    return new InputSchema(
        Objects.requireNonNull(record, "record"),
        record.getFields().stream().map(Schema.Field::name).toList());
  }

  /** Fields by name, with the names of {@link InputType}. */
  public static InputSchema declared(Map<String, String> types) {
    List<Schema.Field> fields = new ArrayList<>();
    types.forEach(
        (name, type) ->
            fields.add(
                new Schema.Field(
                    name,
                    InputType.of(name, type).nullable(),
                    null,
                    Schema.Field.NULL_DEFAULT_VALUE)));
    int dot = DECLARED.lastIndexOf('.');
    return of(
        Schema.createRecord(
            DECLARED.substring(dot + 1), null, DECLARED.substring(0, dot), false, fields));
  }

  /** JSON that was looked at. */
  public static InputSchema seen(List<String> names) {
    return new InputSchema(null, List.copyOf(names));
  }

  public static InputSchema unknown() {
    return new InputSchema(null, null);
  }

  public Optional<Schema> record() {
    return Optional.ofNullable(recordOrNull);
  }

  public Optional<List<String>> names() {
    return Optional.ofNullable(namesOrNull);
  }
}
