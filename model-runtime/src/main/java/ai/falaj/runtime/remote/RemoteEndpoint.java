package ai.falaj.runtime.remote;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.remote.http.HttpExchanges;
import ai.falaj.runtime.remote.protocol.Json;
import ai.falaj.runtime.remote.protocol.StreamDecoder;
import ai.falaj.runtime.remote.protocol.WireCall;
import ai.falaj.runtime.remote.protocol.WireException;
import ai.falaj.runtime.remote.protocol.WireProtocol;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where requests go, with the key that opens it. Confined to the runtime's thread once the runtime
 * is open.
 */
final class RemoteEndpoint implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteEndpoint.class);

  private final RemoteSpec spec;
  private final WireProtocol protocol;
  private final HttpExchanges http;
  private final ObjectNode extra;
  private String key;

  RemoteEndpoint(RemoteSpec spec) throws RuntimeLoadException {
    this.spec = spec;
    this.key = spec.key().read();
    this.protocol = WireProtocol.of(spec.preset().dialect().withReasoning(spec.reasoning()));
    this.extra = Json.objectOrThrow(spec.extraBody(), "the extra body");
    this.http = new HttpExchanges(spec.model(), spec.httpVersion(), spec.connectTimeout());
  }

  String name() {
    return spec.endpoint();
  }

  ObjectNode extra() {
    return extra;
  }

  StreamDecoder decoder() {
    return protocol.decoder();
  }

  /** The body of a request, or why the server cannot do what it asks. */
  byte[] body(WireCall call) throws WireException {
    return protocol.body(call);
  }

  void send(WireCall call, byte[] body, Executor owner, RemoteStream stream) {
    HttpRequest request =
        request(protocol.path(call))
            .header("Content-Type", "application/json")
            .header("Accept", "text/event-stream")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    stream.sent(http.send(request, owner, stream));
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(spec.baseUrl() + path));
    spec.headers().forEach(request::setHeader);
    protocol.authorize(request, key);
    return request;
  }

  HttpExchanges http() {
    return http;
  }

  /**
   * The server refused the key: perhaps it was replaced since it was read.
   *
   * @return whether there is another one now
   */
  boolean maybeTakeNewKey() {
    try {
      String current = spec.key().read();
      boolean isNew = !current.equals(key);
      key = current;
      if (isNew) {
        LOG.info("The key of model {} was replaced; requests use the new one", spec.model());
      }
      return isNew;
    } catch (RuntimeLoadException e) {
      LOG.warn("The key of model {} cannot be read again: {}", spec.model(), e.getMessage());
      return false;
    }
  }

  /** The same failure, with whose it is. */
  WireException named(WireException failure) {
    boolean isNamed = failure.getMessage().startsWith(name());
    return isNamed
        ? failure
        : new WireException(
            failure.code(), name() + ": " + failure.getMessage(), failure.retryAfter());
  }

  /** The same failure of a call, with what of our settings it is about. */
  WireException explained(WireException failure, WireCall call) {
    String about =
        switch (failure.code()) {
          case UNKNOWN_MODEL -> "; it was asked for " + call.model();
          case PROMPT_TOO_LONG ->
              "; its context is set to %d tokens here".formatted(spec.contextTokens());
          default -> "";
        };
    return named(
        new WireException(failure.code(), failure.getMessage() + about, failure.retryAfter()));
  }

  @Override
  public void close() {
    http.close();
  }
}
