package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.time.Duration;
import java.util.Locale;

/** What a client is told in place of an answer. Stateless. docs/GATEWAY.md has the same table. */
final class Failures {

  private static final Duration BUDGET_WAIT = Duration.ofSeconds(60);
  private static final Duration OUTAGE_WAIT = Duration.ofSeconds(5);

  private Failures() {}

  /** Of a dead letter; its message never repeats the prompt. */
  static WebException of(DeadLetter letter) {
    String message = letter.getMessage();
    return switch (letter.getErrorCode()) {
      case EMPTY_PROMPT, INVALID_PARAMETER, UNSUPPORTED_PARAMETER ->
          WebException.badRequest(code(letter.getErrorCode()), message);
      case PROMPT_TOO_LONG -> WebException.badRequest("context_length_exceeded", message);
      case CONTENT_FILTERED -> WebException.badRequest("content_filter", message);
      case UNKNOWN_MODEL ->
          WebException.of(404, "invalid_request_error", "model_not_found", message)
              .ofParameter("model");
      case BUDGET_EXCEEDED -> WebException.tooMany("insufficient_quota", message, BUDGET_WAIT);
      case DEADLINE_EXCEEDED, TIMEOUT, TOOL_TIMEOUT ->
          WebException.of(504, "server_error", code(letter.getErrorCode()), message);
      case RETRIES_EXHAUSTED, ENGINE_FAILURE ->
          WebException.of(502, "server_error", code(letter.getErrorCode()), message);
      case ENGINE_CRASH,
          COMPLETION_TOO_LARGE,
          TOO_MANY_TOOL_ROUNDS,
          UNDECODABLE_RECORD,
          UNKNOWN_SCHEMA_ID,
          INCOMPATIBLE_SCHEMA,
          UNKNOWN ->
          WebException.of(500, "server_error", code(letter.getErrorCode()), message);
    };
  }

  private static String code(ErrorCode code) {
    return code.name().toLowerCase(Locale.ROOT);
  }

  static WebException timeout(Duration limit) {
    return WebException.of(
        504, "server_error", "timeout", "there was no result within " + limit.toSeconds() + " s");
  }

  /** The broker or the registry does not answer. */
  static WebException brokerUnavailable() {
    return WebException.unavailable(
            "broker_unavailable", "the prompt could not be written; ask again")
        .retryingAfter(OUTAGE_WAIT);
  }

  static WebException resultsUnavailable() {
    return WebException.unavailable(
            "results_unavailable", "results cannot be read now; ask again in a moment")
        .retryingAfter(OUTAGE_WAIT);
  }

  static WebException stopping() {
    return WebException.unavailable("stopping", "the gateway is about to stop")
        .retryingAfter(OUTAGE_WAIT);
  }

  static WebException promptTooLarge() {
    return WebException.of(
        413,
        "invalid_request_error",
        "prompt_too_large",
        "the prompt is larger than a record of its topic may be; send less, or raise the topic's"
            + " max.message.bytes");
  }

  /** Somebody cancelled it in the topic: there is an end, but no answer. */
  static WebException cancelled() {
    return WebException.of(
        499, "invalid_request_error", "cancelled", "the request was cancelled in the topic");
  }

  /** What was streamed is not what the completion says; see docs/GATEWAY.md. */
  static WebException restarted() {
    return WebException.of(
        500,
        "server_error",
        "restarted",
        "the answer began anew with other words after a failure; ask again");
  }
}
