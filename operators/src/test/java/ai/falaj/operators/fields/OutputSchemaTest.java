package ai.falaj.operators.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.fields.FieldConstraint.AtLeast;
import ai.falaj.operators.fields.FieldConstraint.AtMost;
import ai.falaj.operators.fields.FieldConstraint.MaxItems;
import ai.falaj.operators.fields.FieldConstraint.MaxLength;
import ai.falaj.operators.fields.FieldConstraint.MinItems;
import ai.falaj.operators.fields.FieldConstraint.MinLength;
import ai.falaj.operators.fields.FieldConstraint.OneOf;
import ai.falaj.operators.fields.OutputType.Scalar;
import ai.falaj.runtime.OutputFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputSchemaTest {

  private static final OutputSchema EVERYTHING =
      OutputSchema.of(
          OutputField.required("class", Scalar.STRING)
              .with(new OneOf("good", "bad"))
              .describedAs("what the writer thinks"),
          OutputField.optional("code", Scalar.STRING)
              .with(new MatchingPattern("^[A-Z]{2}$"), new MinLength(2), new MaxLength(2)),
          OutputField.required("urgent", Scalar.BOOLEAN),
          OutputField.required("stars", Scalar.INT).with(new AtLeast(1), new AtMost(5)),
          OutputField.optional("views", Scalar.BIGINT),
          OutputField.required("score", Scalar.DOUBLE),
          OutputField.required("price", OutputType.decimal(6, 2)),
          OutputField.required("day", Scalar.DATE),
          OutputField.optional("at", Scalar.TIMESTAMP),
          OutputField.required("sent", Scalar.TIMESTAMP_LTZ),
          new OutputField(
              "tags",
              OutputType.arrayOf(Scalar.STRING),
              true,
              "",
              List.of(new MinItems(1), new MaxItems(3))),
          OutputField.optional(
              "place",
              OutputType.rowOf(
                  OutputField.required("city", Scalar.STRING),
                  OutputField.optional("height", OutputType.decimal(38, 10)))));

  @Test
  void writesASchemaThatTheEngineHoldsTheModelTo() throws Exception {
    JsonNode schema = new ObjectMapper().readTree(EVERYTHING.jsonSchema());
    JsonNode properties = schema.path("properties");

    assertThat(schema.path("additionalProperties").booleanValue()).isFalse();
    assertThat(properties.fieldNames())
        .toIterable()
        .containsExactly(
            "class", "code", "urgent", "stars", "views", "score", "price", "day", "at", "sent",
            "tags", "place");
    assertThat(schema.path("required")).hasSize(12);
    assertThat(properties.path("class").toString())
        .isEqualTo(
            "{\"type\":\"string\",\"description\":\"what the writer thinks\",\"enum\":[\"good\",\"bad\"]}");
    assertThat(properties.path("code").toString())
        .isEqualTo(
            "{\"type\":[\"string\",\"null\"],\"pattern\":\"^[A-Z]{2}$\",\"minLength\":2,\"maxLength\":2}");
    assertThat(properties.path("stars").toString())
        .isEqualTo("{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}");
    assertThat(properties.path("price").toString())
        .isEqualTo("{\"type\":\"number\",\"minimum\":-9999.99,\"maximum\":9999.99}");
    assertThat(properties.path("tags").toString())
        .isEqualTo(
            "{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":3}");
    assertThat(properties.path("place").path("required").toString())
        .isEqualTo("[\"city\",\"height\"]");
  }

  @Test
  void allowsNullAmongTheValuesOfANullableField() {
    OutputSchema schema =
        OutputSchema.of(OutputField.optional("class", Scalar.STRING).with(new OneOf("a", "b")));

    assertThat(schema.jsonSchema())
        .contains("{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",\"b\",null]}");
    assertThat(schema.parse("{\"class\": null}"))
        .isEqualTo(new ParsedOutput.Values(Collections.singletonList(null)));
  }

  @Test
  void takesTheTextOfASingleStringAsItIs() {
    OutputSchema schema = OutputSchema.of(OutputField.required("answer", Scalar.STRING));

    assertThat(schema.isPlainText()).isTrue();
    assertThat(schema.format()).isEqualTo(OutputFormat.TEXT);
    assertThat(schema.parse("{\"not\": json ")).isEqualTo(values("{\"not\": json "));
  }

  @Test
  void asksForJsonWhereASingleStringHasConstraints() {
    OutputSchema schema =
        OutputSchema.of(OutputField.required("class", Scalar.STRING).with(new OneOf("a")));

    assertThat(schema.isPlainText()).isFalse();
    assertThat(schema.format()).isEqualTo(new OutputFormat.JsonSchema(schema.jsonSchema()));
    assertThat(schema.parse("{\"class\": \"a\"}")).isEqualTo(values("a"));
  }

  @Test
  void refusesFieldsThatNoModelCouldFill() {
    assertThatThrownBy(OutputSchema::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no fields; name one or more");
    assertThatThrownBy(
            () ->
                OutputSchema.of(
                    OutputField.required("a", Scalar.INT), OutputField.required("a", Scalar.INT)))
        .hasMessage("two fields are named a; give each a name of its own");
    assertThatThrownBy(
            () ->
                OutputSchema.of(
                    OutputField.required("stars", Scalar.INT).with(new AtLeast(5), new AtMost(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no model can be held to these fields: /properties/stars");
  }

  @Test
  void refusesConstraintsThatDoNotFitTheType() {
    OutputField stars = OutputField.required("stars", Scalar.INT);

    assertThatThrownBy(() -> stars.with(new MaxLength(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stars is INT, and maxLength is for STRING");
    assertThatThrownBy(() -> stars.with(new AtLeast(1), new AtLeast(2)))
        .hasMessage("stars has a constraint twice: [minimum, minimum]");
    assertThatThrownBy(() -> OutputField.required("day", Scalar.DATE).with(new AtLeast(1)))
        .hasMessage("day is DATE, and minimum is for INT, BIGINT, DOUBLE and DECIMAL");
    assertThatThrownBy(() -> new MatchingPattern("a(?=b)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the pattern a(?=b) cannot be used: position ");
    assertThatThrownBy(() -> new OneOf("a", "a"))
        .hasMessage("enum is [a, a]; it must have one or more values, none twice");
    assertThatThrownBy(() -> new MaxItems(-1)).hasMessage("maxItems is -1; it must be 0 or more");
    assertThatThrownBy(() -> OutputType.decimal(39, 0))
        .hasMessage("the precision is 39; it must be 1 to 38");
    assertThatThrownBy(() -> OutputType.decimal(4, 5))
        .hasMessage("the scale is 5; it must be 0 to the precision, which is 4");
  }

  @Test
  void travelsInsideAJobGraph() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(EVERYTHING);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      OutputSchema copy = (OutputSchema) in.readObject();

      assertThat(copy).isEqualTo(EVERYTHING).hasSameHashCodeAs(EVERYTHING);
      assertThat(copy.jsonSchema()).isEqualTo(EVERYTHING.jsonSchema());
      assertThat(copy.parse("{}")).isEqualTo(EVERYTHING.parse("{}"));
      assertThat(((MatchingPattern) copy.fields().get(1).constraints().get(0)).check("AE"))
          .isEmpty();
    }
  }

  @Test
  void namesItsTypesAsSqlDoes() {
    assertThat(
            OutputSchema.of(
                OutputField.required("tags", OutputType.arrayOf(Scalar.STRING)),
                OutputField.optional("price", OutputType.decimal(6, 2))))
        .hasToString("ROW<tags ARRAY<STRING NOT NULL> NOT NULL, price DECIMAL(6, 2)>");
  }

  private static ParsedOutput values(Object... values) {
    return new ParsedOutput.Values(List.of(values));
  }
}
