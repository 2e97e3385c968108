package ai.falaj.runtime.models;

import ai.falaj.runtime.files.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One GET request and the redirects that it leads to. Redirects are followed here and not by the
 * HTTP client, which would send the access token along to every host, and would drop the headers
 * that Hugging Face puts on the redirect itself.
 */
final class HttpExchange {

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int MAX_REDIRECTS = 8;
  private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient client;
  private final Function<URI, Map<String, String>> headersForAddress;

  HttpExchange(HttpClient client, Function<URI, Map<String, String>> headersForAddress) {
    this.client = client;
    this.headersForAddress = headersForAddress;
  }

  /**
   * @param linkedEtag Hugging Face's {@code X-Linked-Etag}, seen on the way: for large files, the
   *     SHA-256 of their content
   * @param response the last one; its body must be closed
   */
  record Answer(HttpResponse<ResponseBody> response, Optional<String> linkedEtag) {

    int status() {
      return response.statusCode();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    Optional<String> linkedSha256() {
      return linkedEtag.filter(Sha256::isHex);
    }
  }

  Answer get(URI address, Map<String, String> headers) throws IOException, InterruptedException {
    URI current = address;
    Optional<String> linkedEtag = Optional.empty();
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      Map<String, String> all = new HashMap<>(headers);
      all.putAll(headersForAddress.apply(current));
      HttpRequest.Builder request = HttpRequest.newBuilder(current).timeout(HEADERS_TIMEOUT);
      all.forEach(request::header);
      HttpResponse<ResponseBody> response =
          client.send(request.build(), info -> new ResponseBody());
      linkedEtag =
          linkedEtag.or(
              () -> response.headers().firstValue("X-Linked-Etag").map(HttpExchange::bare));
      if (!REDIRECTS.contains(response.statusCode())) {
        return new Answer(response, linkedEtag);
      }
      response.body().close();
      current = redirect(current, response);
    }
    throw new IOException("more than " + MAX_REDIRECTS + " redirects");
  }

  private static URI redirect(URI from, HttpResponse<ResponseBody> response) throws IOException {
    Optional<String> location = response.headers().firstValue("Location");
    if (location.isEmpty()) {
      throw new IOException("a redirect without an address");
    }
    URI to;
    try {
      to = from.resolve(location.get());
    } catch (IllegalArgumentException e) {
      throw new IOException("a redirect to an address that is none", e);
    }
    if (from.getScheme().equalsIgnoreCase("https") && !"https".equalsIgnoreCase(to.getScheme())) {
      throw new IOException("a redirect from https to " + to.getScheme());
    }
    return to;
  }

  private static String bare(String etag) {
    return etag.replaceFirst("^W/", "").replace("\"", "");
  }
}
