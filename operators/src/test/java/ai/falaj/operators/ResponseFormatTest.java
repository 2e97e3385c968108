package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.OutputFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseFormatTest {

  @Test
  void readsOpenAisFormats() {
    assertThat(ResponseFormat.parse("{\"type\": \"text\"}")).isEqualTo(OutputFormat.TEXT);
    assertThat(ResponseFormat.parse("{\"type\": \"json_object\"}"))
        .isEqualTo(new OutputFormat.JsonObject());
    assertThat(
            ResponseFormat.parse(
                """
                {"type": "json_schema", "json_schema":
                 {"name": "point", "description": "d", "strict": true,
                  "schema": {"type": "object", "properties": {"x": {"multipleOf": 0.10}}}}}
                """))
        .isEqualTo(
            new OutputFormat.JsonSchema(
                "{\"type\":\"object\",\"properties\":{\"x\":{\"multipleOf\":0.1}}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"type\": \"object\", \"required\": [\"a\"]}",
        "{\"type\": [\"string\", \"null\"]}",
        "{\"enum\": [1, 2]}",
        "{\"type\": \"no type of JSON Schema\"}"
      })
  void takesAnyOtherObjectForASchema(String schema) {
    assertThat(ResponseFormat.parse(schema)).isEqualTo(new OutputFormat.JsonSchema(schema));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                              | response_format is no JSON object; it must be one, a format of OpenAI's or a JSON Schema
          [1]                                             | response_format is no JSON object; it must be one, a format of OpenAI's or a JSON Schema
          json_object                                     | response_format is no JSON at column 12; correct it
          {} {}                                           | response_format is no JSON at column 4; correct it
          {"type": "text", "type": "text"}                | response_format is no JSON at column 24; correct it
          {"type": "json_object", "schema": {}}           | response_format has the field 'schema'; it may have type
          {"type": "json_schema"}                         | response_format.json_schema is no object; it must be one that has the JSON Schema as schema
          {"type": "json_schema", "json_schema": {}}      | response_format.json_schema.schema is no object; it must be a JSON Schema
          {"type": "json_schema", "schema": {}}           | response_format has the field 'schema'; it may have json_schema, type
          {"type": "json_schema", "json_schema": {"x": 1}} | response_format.json_schema has the field 'x'; it may have description, name, schema, strict
          """)
  void refusesWhatIsNeither(String text, String message) {
    assertThatThrownBy(() -> ResponseFormat.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void survivesDeepNesting() {
    assertThatThrownBy(() -> ResponseFormat.parse("{\"a\":".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("response_format is no JSON");
  }
}
