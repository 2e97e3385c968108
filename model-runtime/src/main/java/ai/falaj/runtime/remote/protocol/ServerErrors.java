package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.RuntimeErrorCode;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What follows from a server's refusal: the one place that decides it. Servers' own texts are read
 * but never passed on, because they may repeat the prompt; short identifiers in them are.
 */
public final class ServerErrors {

  private static final int MAX_IDENTIFIER = 64;

  private ServerErrors() {}

  /**
   * A response that is no success.
   *
   * @param body what came with it, perhaps cut
   * @param resumed whether the request asked to go on with an answer
   */
  public static WireException ofStatus(
      int status, String body, Optional<Duration> retryAfter, boolean resumed) {
    JsonNode error = errorIn(body);
    RuntimeErrorCode code = codeOf(status, error, resumed);
    String what = "the server answered HTTP %d%s".formatted(status, identifiersIn(error));
    return new WireException(code, what + remedy(code, status), retryAfter);
  }

  /** An error in the middle of a stream. */
  static WireException inStream(JsonNode chunk) {
    JsonNode error = unwrap(chunk);
    int status = error.path("code").isInt() ? error.path("code").asInt() : statusOf(error);
    RuntimeErrorCode code = codeOf(status, error, false);
    return new WireException(
        code, "the server broke the answer off" + identifiersIn(error) + remedy(code, status));
  }

  private static RuntimeErrorCode codeOf(int status, JsonNode error, boolean resumed) {
    String words = words(error);
    switch (status) {
      case 401, 402, 403:
        return RuntimeErrorCode.UNAUTHORIZED;
      case 404:
        return words.contains("model")
            ? RuntimeErrorCode.UNKNOWN_MODEL
            : RuntimeErrorCode.ENGINE_FAILURE;
      case 408, 504:
        return RuntimeErrorCode.TIMEOUT;
      case 413:
        return RuntimeErrorCode.PROMPT_TOO_LONG;
      case 429:
        return words.contains("insufficient_quota")
            ? RuntimeErrorCode.UNAUTHORIZED
            : RuntimeErrorCode.OVERLOADED;
      case 503, 529:
        return RuntimeErrorCode.OVERLOADED;
      default:
        return status >= 400 && status < 500
            ? codeOfBadRequest(words, resumed)
            : RuntimeErrorCode.ENGINE_FAILURE;
    }
  }

  private static RuntimeErrorCode codeOfBadRequest(String words, boolean resumed) {
    if (words.contains("content_filter") || words.contains("content_policy")) {
      return RuntimeErrorCode.CONTENT_FILTERED;
    }
    if (words.contains("context_length")
        || words.contains("context length")
        || words.contains("exceed_context")
        || words.contains("prompt is too long")
        || words.contains("too many tokens")) {
      return RuntimeErrorCode.PROMPT_TOO_LONG;
    }
    // A template that drops what was begun, or a model that takes no prefix: it may still answer.
    return resumed ? RuntimeErrorCode.CANNOT_RESUME : RuntimeErrorCode.INVALID_PARAMETER;
  }

  /** Anthropic and others name the kind of error where there is no status any more. */
  private static int statusOf(JsonNode error) {
    return switch (error.path("type").asText()) {
      case "invalid_request_error" -> 400;
      case "authentication_error" -> 401;
      case "permission_error" -> 403;
      case "not_found_error" -> 404;
      case "request_too_large" -> 413;
      case "rate_limit_error" -> 429;
      case "overloaded_error" -> 529;
      case "timeout_error" -> 504;
      default -> 500;
    };
  }

  private static String remedy(RuntimeErrorCode code, int status) {
    return switch (code) {
      case UNAUTHORIZED -> "; check the key, what it may do, and the account behind it";
      case UNKNOWN_MODEL -> "; it does not serve this model, name one that it serves";
      case PROMPT_TOO_LONG -> "; the prompt does not fit the model's context, shorten it";
      case CONTENT_FILTERED -> "; its safety rules refused the prompt";
      case CANNOT_RESUME -> "; it cannot go on with this answer, start over";
      case OVERLOADED -> "; it has too many requests";
      case INVALID_PARAMETER -> "; it refused a parameter of the request";
      default -> status == 404 ? "; there is nothing at this path, check the base URL" : "";
    };
  }

  private static JsonNode errorIn(String body) {
    try {
      return unwrap(Json.event(body));
    } catch (WireException noJson) {
      return Json.object();
    }
  }

  private static JsonNode unwrap(JsonNode body) {
    JsonNode error = body.path("error");
    return error.isObject() ? error : body;
  }

  private static String words(JsonNode error) {
    return (error.path("code").asText("")
            + ' '
            + error.path("type").asText("")
            + ' '
            + error.path("message").asText("")
            + ' '
            + error.path("param").asText(""))
        .toLowerCase(Locale.ROOT);
  }

  /** Such as {@code (invalid_request_error, max_tokens)}. */
  private static String identifiersIn(JsonNode error) {
    StringBuilder found = new StringBuilder();
    for (String field : new String[] {"type", "code", "param"}) {
      String value = error.path(field).asText("");
      if (isIdentifier(value)) {
        found.append(found.isEmpty() ? " (" : ", ").append(value);
      }
    }
    return found.isEmpty() ? "" : found.append(')').toString();
  }

  /** A short word of a server, or what stands for something else. */
  static String identifier(String value) {
    return isIdentifier(value) ? value : "of %d characters".formatted(value.length());
  }

  private static boolean isIdentifier(String value) {
    return !value.isEmpty()
        && value.length() <= MAX_IDENTIFIER
        && value
            .chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '_'
                        || c == '-'
                        || c == '.');
  }
}
