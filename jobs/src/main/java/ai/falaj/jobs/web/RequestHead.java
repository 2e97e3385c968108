package ai.falaj.jobs.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * What a request says of itself, as far as it is decided by that whether the request is answered.
 *
 * @param host as in its header, port included
 * @param origin of the page that sent it
 * @param fetchSite {@code Sec-Fetch-Site}: what browsers say of where it came from
 * @param authorization header of that name
 * @param bodyBytes length of the body; empty where it is not said
 */
public record RequestHead(
    String method,
    String path,
    Optional<String> host,
    Optional<String> origin,
    Optional<String> fetchSite,
    Optional<String> contentType,
    Optional<String> authorization,
    long bodyBytes) {

  /** The head of a request as the servlet container tells it. */
  public static RequestHead of(HttpServletRequest request) {
    return new RequestHead(
        request.getMethod(),
        request.getRequestURI(),
        Optional.ofNullable(request.getHeader("Host")),
        Optional.ofNullable(request.getHeader("Origin")),
        Optional.ofNullable(request.getHeader("Sec-Fetch-Site")),
        Optional.ofNullable(request.getContentType()),
        Optional.ofNullable(request.getHeader("Authorization")),
        Math.max(0, request.getContentLengthLong()));
  }

  /** Whether it may change something. */
  boolean isUnsafe() {
    return !method.equals("GET") && !method.equals("HEAD");
  }

  /** The token of {@code Authorization: Bearer TOKEN}. */
  public Optional<String> bearerToken() {
    String scheme = "Bearer ";
    return authorization
        .filter(value -> value.regionMatches(true, 0, scheme, 0, scheme.length()))
        .map(value -> value.substring(scheme.length()).strip());
  }
}
