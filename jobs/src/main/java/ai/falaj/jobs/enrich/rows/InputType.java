package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** Types that the fields of JSON and CSV may be declared with. Each may be null or missing. */
public enum InputType {
  STRING(Schema.Type.STRING),
  BOOLEAN(Schema.Type.BOOLEAN),
  INT(Schema.Type.INT),
  BIGINT(Schema.Type.LONG),
  DOUBLE(Schema.Type.DOUBLE);

  private static final Map<Schema.Type, InputType> BY_AVRO =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(type -> type.avro, type -> type));

  private final Schema.Type avro;

  InputType(Schema.Type avro) {
    this.avro = avro;
  }

  /**
   * @throws IllegalArgumentException naming the types that there are
   */
  static InputType of(String field, String name) {
    return Arrays.stream(values())
        .filter(type -> type.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "source.fields: %s is of type '%s'; it must be one of %s"
                        .formatted(
                            field,
                            name,
                            Arrays.stream(values())
                                .map(type -> type.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")))));
  }

  Schema nullable() {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(avro));
  }

  /** The declared type of a field of {@link InputSchema}, which is a union with null. */
  static InputType of(Schema nullable) {
    Schema.Type type = nullable.getTypes().get(1).getType();
    return Objects.requireNonNull(BY_AVRO.get(type), type::name);
  }

  boolean fits(JsonNode value) {
    return switch (this) {
      case STRING -> value.isTextual();
      case BOOLEAN -> value.isBoolean();
      case INT -> value.isIntegralNumber() && value.canConvertToInt();
      case BIGINT -> value.isIntegralNumber() && value.canConvertToLong();
      case DOUBLE -> value.isNumber();
    };
  }

  /** A fitting value as Avro takes it. */
  Object toAvro(JsonNode value) {
    return switch (this) {
      case STRING -> value.textValue();
      case BOOLEAN -> value.booleanValue();
      case INT -> value.intValue();
      case BIGINT -> value.longValue();
      case DOUBLE -> value.doubleValue();
    };
  }
}
