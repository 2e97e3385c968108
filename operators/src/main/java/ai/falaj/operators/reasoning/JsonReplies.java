package ai.falaj.operators.reasoning;

import ai.falaj.schemas.SamplingParameters;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * What planner and judge reply, and how they are held to it. A reply may have words around its JSON
 * object, as models that are only asked for JSON write them. Stateless.
 */
final class JsonReplies {

  /** The fields that K2 Think's public pipeline asks its planner for. */
  static final String TOPICS_SCHEMA =
      """
      {"type":"object","properties":{"is_hard_problem":{"type":"boolean"},"plan":{"type":"string"},\
      "search_list":{"type":"array","items":{"type":"string"},"maxItems":4}},\
      "required":["is_hard_problem","plan","search_list"],"additionalProperties":false}""";

  /** The fields that it asks its judge for. */
  static final String VERDICT_SCHEMA =
      """
      {"type":"object","properties":{"index":{"type":"integer","enum":[0,1]},"explanation":{"type":"string"}},\
      "required":["index","explanation"],"additionalProperties":false}""";

  private static final String ANY_OBJECT = "{\"type\":\"json_object\"}";

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonReplies() {}

  /** A reply that does not say what it was asked for. The message names no content. */
  static final class UselessReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    UselessReplyException(String message) {
      super(message);
    }
  }

  /**
   * @param hard whether the problem is hard
   * @param topics that help to solve it
   */
  record Topics(boolean hard, List<String> topics) {}

  /**
   * @param second whether the second response is the better one
   */
  record Verdict(boolean second, String explanation) {}

  static Topics topics(String reply) throws UselessReplyException {
    JsonNode json = object(reply);
    JsonNode hard = json.path("is_hard_problem");
    if (!hard.isBoolean()) {
      throw new UselessReplyException("the reply's is_hard_problem is no boolean");
    }
    List<String> topics = new ArrayList<>();
    json.path("search_list").forEach(topic -> topics.add(topic.asText()));
    return new Topics(hard.booleanValue(), topics);
  }

  static Verdict verdict(String reply) throws UselessReplyException {
    JsonNode json = object(reply);
    JsonNode index = json.path("index");
    if (!index.isIntegralNumber() || (index.asLong() != 0 && index.asLong() != 1)) {
      throw new UselessReplyException("the reply's index is neither 0 nor 1");
    }
    return new Verdict(index.asLong() == 1, json.path("explanation").asText());
  }

  /** As a JSON array. */
  static String list(List<String> texts) {
    return MAPPER.valueToTree(texts).toString();
  }

  static SamplingParameters.Builder held(
      SamplingParameters sampling, ReplyFormat format, String schema) {
    SamplingParameters.Builder held = SamplingParameters.newBuilder(sampling);
    return switch (format) {
      case JSON_SCHEMA -> held.setResponseFormat(schema);
      case JSON_OBJECT -> held.setResponseFormat(ANY_OBJECT);
      case TEXT -> held;
    };
  }

  private static JsonNode object(String reply) throws UselessReplyException {
    int start = reply.indexOf('{');
    int end = reply.lastIndexOf('}');
    if (start < 0 || end < start) {
      throw new UselessReplyException("the reply has no JSON object");
    }
    try {
      return MAPPER.readTree(reply.substring(start, end + 1));
    } catch (JsonProcessingException e) {
      throw new UselessReplyException("the reply's JSON is damaged");
    }
  }
}
