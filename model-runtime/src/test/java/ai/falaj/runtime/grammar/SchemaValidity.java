package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

/**
 * Validity as somebody else understands it: Jackson, with keys that must differ, and networknt's
 * validator for draft 2020-12, with formats asserted.
 */
public final class SchemaValidity {

  private static final ObjectMapper STRICT =
      new ObjectMapper(
              new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private SchemaValidity() {}

  public static JsonNode parse(String json) throws JsonProcessingException {
    return STRICT.readTree(json);
  }

  public static void requireValid(String schema, String json) throws JsonProcessingException {
    Schema validator = REGISTRY.getSchema(parse(schema));
    assertThat(
            validator.validate(
                parse(json),
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true))))
        .as("what is wrong with %s", json)
        .isEmpty();
  }
}
