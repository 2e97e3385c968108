package ai.falaj.jobs.web;

import java.time.Duration;
import java.util.Optional;

/**
 * Ends a request with a status and an error that the caller can act on. The body has the shape that
 * OpenAI's clients read: {@code {"error": {"message", "type", "param", "code"}}}.
 */
public final class WebException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final String code;
  private final String parameter;
  private final long retryAfterSeconds;

  private WebException(
      int status,
      String type,
      String code,
      String parameter,
      long retryAfterSeconds,
      String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.code = code;
    this.parameter = parameter;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * @param status 400 to 599
   * @param type the kind of error, such as {@code invalid_request_error}
   * @param code what exactly is wrong, for programs
   * @param message what is wrong and the remedy, for people; never text of a prompt
   */
  public static WebException of(int status, String type, String code, String message) {
    return new WebException(status, type, code, null, 0, message);
  }

  /** The caller's mistake. */
  public static WebException badRequest(String code, String message) {
    return of(400, "invalid_request_error", code, message);
  }

  public static WebException unauthorized(String code, String message) {
    return of(401, "authentication_error", code, message);
  }

  public static WebException forbidden(String code, String message) {
    return of(403, "permission_error", code, message);
  }

  public static WebException notFound(String code, String message) {
    return of(404, "not_found", code, message);
  }

  public static WebException conflict(String code, String message) {
    return of(409, "conflict", code, message);
  }

  /** Something behind this server does not answer. */
  public static WebException unavailable(String code, String message) {
    return of(503, "server_error", code, message);
  }

  /**
   * Too many requests.
   *
   * @param retryAfter rounded up to seconds
   */
  public static WebException tooMany(String code, String message, Duration retryAfter) {
    return new WebException(429, "rate_limit_error", code, null, seconds(retryAfter), message);
  }

  /** The same error, of that parameter of the request. */
  public WebException ofParameter(String name) {
    return new WebException(status, type, code, name, retryAfterSeconds, getMessage());
  }

  /**
   * The same error, with when the caller may try again.
   *
   * @param wait rounded up to seconds, one at least
   */
  public WebException retryingAfter(Duration wait) {
    return new WebException(status, type, code, parameter, seconds(wait), getMessage());
  }

  private static long seconds(Duration wait) {
    return Math.max(1, (wait.toMillis() + 999) / 1_000);
  }

  public int status() {
    return status;
  }

  public String type() {
    return type;
  }

  public String code() {
    return code;
  }

  /** The parameter of the request that is wrong, where it is one. */
  public Optional<String> parameter() {
    return Optional.ofNullable(parameter);
  }

  /** When the caller may try again; empty where that is not known. */
  public Optional<Duration> retryAfter() {
    return retryAfterSeconds == 0
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(retryAfterSeconds));
  }

  /** The body as it is sent. */
  public byte[] body() {
    return WebJson.bytes(new Body(new Problem(getMessage(), type, parameter, code)));
  }

  private record Body(Problem error) {}

  private record Problem(String message, String type, String param, String code) {}
}
