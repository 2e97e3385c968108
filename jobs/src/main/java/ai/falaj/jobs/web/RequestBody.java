package ai.falaj.jobs.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The body of a request, as far as it may be long: a body that does not say its length is not read
 * any further than that. Stateless.
 */
public final class RequestBody {

  private RequestBody() {}

  /**
   * @throws WebException 413 {@code body_too_large} beyond what the server takes
   */
  public static byte[] bytes(Context context) {
    int limit = WebServer.bodyLimit(context);
    byte[] body;
    try {
      body = context.req().getInputStream().readNBytes(limit + 1);
    } catch (IOException e) {
      throw WebException.badRequest("body_broken", "the body ended too early");
    }
    if (body.length > limit) {
      throw WebServer.tooLarge(context);
    }
    return body;
  }

  /** As UTF-8. */
  public static String text(Context context) {
    return new String(bytes(context), StandardCharsets.UTF_8);
  }

  /**
   * As JSON.
   *
   * @throws WebException 400 {@code invalid_json} where it is none
   */
  public static JsonNode json(Context context) {
    return WebJson.read(bytes(context));
  }
}
