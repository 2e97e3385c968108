package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.RuntimeErrorCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON as text and as trees. Stateless. */
public final class Json {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ObjectReader READER =
      MAPPER.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Whether text is one JSON object. */
  public static boolean isObject(String text) {
    try {
      return READER.<JsonNode>readValue(text).isObject();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /**
   * Text that must be an object.
   *
   * @throws IllegalArgumentException naming {@code what}, never the text
   */
  public static ObjectNode objectOrThrow(String text, String what) {
    try {
      if (READER.readValue(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      // Told below: the parser's own message quotes the text.
    }
    throw new IllegalArgumentException(what + " is no JSON object; write one, such as {}");
  }

  /** Text of a server that must be JSON. */
  static JsonNode event(String text) throws WireException {
    try {
      return READER.readValue(text);
    } catch (JsonProcessingException e) {
      throw new WireException(
          RuntimeErrorCode.ENGINE_FAILURE,
          "the server sent an event of %d characters that is no JSON".formatted(text.length()));
    }
  }

  /** Text of a client that must be JSON. */
  static JsonNode parameter(String text, String what) throws WireException {
    try {
      return READER.readValue(text);
    } catch (JsonProcessingException e) {
      throw new WireException(
          RuntimeErrorCode.INVALID_PARAMETER, what + " is no JSON; send one that is");
    }
  }

  static byte[] bytes(ObjectNode body) {
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree of JSON could not be written", impossible);
    }
  }
}
