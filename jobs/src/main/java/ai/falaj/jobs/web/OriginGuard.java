package ai.falaj.jobs.web;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses what other sites make a browser send. Pure; any thread.
 *
 * <ul>
 *   <li>DNS rebinding: a page of evil.example whose name suddenly means this machine still sends
 *       {@code Host: evil.example}. So a request names this server as {@code localhost}, by an IP
 *       address, which no DNS can turn around, or by a name that it was told.
 *   <li>Forged requests: what changes something comes from this server's own page, as {@code
 *       Origin} or {@code Sec-Fetch-Site} say, or from a client that is no browser and says
 *       neither. It is JSON, which no form can send. A request with an {@code Authorization} header
 *       needs no such proof: a browser adds none by itself.
 * </ul>
 */
final class OriginGuard {

  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]]+)(?::(\\d{1,5}))?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final Set<String> allowedHosts;

  /**
   * @param allowedHosts names beside {@code localhost} and IP addresses; lower case
   */
  OriginGuard(Set<String> allowedHosts) {
    this.allowedHosts = Set.copyOf(allowedHosts);
  }

  /** Why the request is refused; empty where it is not. */
  Optional<WebException> refusal(RequestHead request) {
    String host = request.host().orElse("");
    if (!isOurs(host)) {
      return Optional.of(
          WebException.of(
              421,
              "invalid_request_error",
              "unknown_host",
              "this server is not known by the name in the request; start it with --allow-host"));
    }
    if (request.authorization().isPresent()) {
      return Optional.empty();
    }
    if (isFromElsewhere(request, host)) {
      return Optional.of(
          WebException.forbidden("cross_site", "the request comes from another site's page"));
    }
    return request.isUnsafe() && !isJson(request)
        ? Optional.of(
            WebException.of(
                415, "invalid_request_error", "not_json", "send Content-Type: application/json"))
        : Optional.empty();
  }

  private boolean isOurs(String header) {
    Matcher parts = HOST.matcher(header);
    if (!parts.matches()) {
      return false;
    }
    String name = parts.group(1).toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.startsWith("[")
        || IPV4.matcher(name).matches()
        || allowedHosts.contains(name);
  }

  /** Links from elsewhere may lead to a page, but neither read data nor change it. */
  private static boolean isFromElsewhere(RequestHead request, String host) {
    boolean foreignOrigin =
        request
            .origin()
            .filter(origin -> !origin.equals("http://" + host) && !origin.equals("https://" + host))
            .isPresent();
    boolean foreignSite =
        request
            .fetchSite()
            .filter(site -> !site.equals("same-origin") && !site.equals("none"))
            .isPresent();
    boolean isData = request.isUnsafe() || request.path().startsWith("/api/");
    return isData && (foreignOrigin || foreignSite);
  }

  private static boolean isJson(RequestHead request) {
    return request
        .contentType()
        .map(type -> type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip())
        .filter("application/json"::equals)
        .isPresent();
  }
}
