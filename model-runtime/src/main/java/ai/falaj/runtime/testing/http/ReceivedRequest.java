package ai.falaj.runtime.testing.http;

import java.util.Map;
import java.util.Optional;

/**
 * What a client sent.
 *
 * @param number of the request since the server was started, from 0 on
 * @param headers by lower-case name
 */
public record ReceivedRequest(
    int number, String method, String path, Map<String, String> headers, String body) {

  public ReceivedRequest {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String lowerCaseName) {
    return Optional.ofNullable(headers.get(lowerCaseName));
  }
}
