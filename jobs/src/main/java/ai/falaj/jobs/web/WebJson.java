package ai.falaj.jobs.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * JSON as this server writes and reads it. Writing: {@code <}, {@code >}, {@code &} and the line
 * separators of JavaScript are escaped, so that no text is markup wherever it ends up; what is null
 * or absent is left out. Reading: nesting and lengths are bounded. Any thread.
 */
public final class WebJson {

  private static final int DEEPEST = 100;

  private static final JsonMapper MAPPER = mapper();

  private WebJson() {}

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();
    factory.setCharacterEscapes(new MarkupEscapes());
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
        .build();
  }

  /**
   * A document as UTF-8.
   *
   * @param document a record of plain values, or a map, list or tree of them
   */
  public static byte[] bytes(Object document) {
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + document.getClass(), e);
    }
  }

  /**
   * Reads a document.
   *
   * @throws WebException 400 {@code invalid_json} where it is none
   */
  public static JsonNode read(byte[] body) {
    try {
      JsonNode tree = MAPPER.readTree(body);
      if (tree == null || tree.isMissingNode()) {
        throw WebException.badRequest("invalid_json", "the body is empty; send a JSON object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw WebException.badRequest(
          "invalid_json", "the body is no JSON: " + e.getOriginalMessage() + " at " + column);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
  }

  /** What would be markup, as {@code \\u003c} and so on. */
  private static final class MarkupEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1L;
    private static final int LINE_SEPARATOR = 0x2028;
    private static final int PARAGRAPH_SEPARATOR = 0x2029;

    private final int[] ascii = standardAsciiEscapesForJSON();

    MarkupEscapes() {
      for (char character : new char[] {'<', '>', '&'}) {
        ascii[character] = ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii.clone();
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      return character == LINE_SEPARATOR || character == PARAGRAPH_SEPARATOR
          ? new SerializedString("\\u%04x".formatted(character))
          : null;
    }
  }
}
