package ai.falaj.runtime.remote;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.remote.protocol.Feature;
import ai.falaj.runtime.remote.protocol.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an endpoint for its models before the first request: a wrong host, port, path, key or model
 * is told once and at the start. A server that is only busy, or still loads its model, passes; one
 * that is not there yet does not, as nobody can tell it from a wrong address.
 */
final class EndpointCheck {

  private static final Logger LOG = LoggerFactory.getLogger(EndpointCheck.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int SHOWN_MODELS = 10;

  private final RemoteSpec spec;
  private final RemoteEndpoint endpoint;

  EndpointCheck(RemoteSpec spec, RemoteEndpoint endpoint) {
    this.spec = spec;
    this.endpoint = endpoint;
  }

  /**
   * @throws RuntimeLoadException in one line that names the endpoint, the mistake and the remedy
   */
  void run() throws RuntimeLoadException {
    requireKnownHost();
    HttpResponse<String> response = ask();
    int status = response.statusCode();
    if (status == 401 || status == 403) {
      throw refused(
          "refused the key (HTTP %d); check %s".formatted(status, describe(spec.key())), null);
    }
    if (status == 404 || status == 405) {
      throw refused(
          "has nothing at %s/models (HTTP %d); check the path of the base URL, which mostly ends in /v1, or turn the check at the start off"
              .formatted(spec.baseUrl(), status),
          null);
    }
    if (status >= 300 && status < 400) {
      throw refused(
          "sends to another address (HTTP %d); give that one as the base URL".formatted(status),
          null);
    }
    if (status == 200) {
      requireModel(response.body());
    } else {
      LOG.warn("{} answered HTTP {} when asked for its models", spec.endpoint(), status);
    }
  }

  private void requireKnownHost() throws RuntimeLoadException {
    String host = URI.create(spec.baseUrl()).getHost();
    try {
      InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw unreachable("there is no address for host %s; check the base URL".formatted(host), e);
    }
  }

  private HttpResponse<String> ask() throws RuntimeLoadException {
    try {
      return endpoint.http().ask(endpoint.request("/models").timeout(TIMEOUT).GET().build());
    } catch (IOException e) {
      throw unreachable(RemoteStream.describe(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused("was not asked: interrupted", e);
    }
  }

  private void requireModel(String body) throws RuntimeLoadException {
    if (!spec.preset().dialect().has(Feature.COMPLETE_MODEL_LIST)) {
      return;
    }
    JsonNode models;
    try {
      models = Json.objectOrThrow(body, "the list of models").path("data");
    } catch (IllegalArgumentException e) {
      throw refused("answers with no list of models; check the path of the base URL", e);
    }
    List<String> served = new ArrayList<>();
    for (JsonNode model : models) {
      served.add(model.path("id").asText());
    }
    if (!served.contains(spec.model())) {
      throw refused(
          "does not serve it; it serves %s"
              .formatted(
                  served.size() > SHOWN_MODELS
                      ? served.subList(0, SHOWN_MODELS) + " and more"
                      : served),
          null);
    }
  }

  private static String describe(SecretReference key) {
    if (key instanceof SecretReference.Environment from) {
      return "the environment variable " + from.variable();
    }
    if (key instanceof SecretReference.File from) {
      return "the file " + from.path();
    }
    return "that one is named: this model's settings name none";
  }

  private RuntimeLoadException unreachable(String why, IOException cause) {
    return new RuntimeLoadException(
        "model %s: no server answers at %s: %s; or start the job before its server, with check-at-open=false"
            .formatted(spec.model(), spec.baseUrl(), why),
        cause);
  }

  private RuntimeLoadException refused(String what, Throwable cause) {
    return new RuntimeLoadException(
        "model %s: %s %s".formatted(spec.model(), spec.endpoint(), what), cause);
  }
}
