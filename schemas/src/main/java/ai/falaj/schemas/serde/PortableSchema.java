package ai.falaj.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** The schema of a record class as it is registered: what other languages need, and no more. */
final class PortableSchema {

  private static final ObjectMapper JSON = new ObjectMapper();

  private PortableSchema() {}

  /**
   * Drops the property that tells Avro's Java classes which string type to use. It changes no byte
   * of a record, but with it the registered schema would differ from the one in the {@code .avsc}.
   */
  static Schema of(Schema generated) {
    try {
      JsonNode schema = JSON.readTree(generated.toString());
      removeStringTypes(schema);
      return new Schema.Parser().parse(JSON.writeValueAsString(schema));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Avro printed a schema that is no JSON", e);
    }
  }

  private static void removeStringTypes(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(GenericData.STRING_PROP);
    }
    node.forEach(PortableSchema::removeStringTypes);
  }
}
