package ai.falaj.runtime.remote.protocol;

import java.net.http.HttpRequest;

/** Writes requests of a protocol and reads its answers. Stateless, any thread. */
public interface WireProtocol {

  /** The protocol of a dialect. */
  static WireProtocol of(Dialect dialect) {
    return switch (dialect.protocol()) {
      case OPENAI_CHAT -> new OpenAiProtocol(dialect);
      case ANTHROPIC_MESSAGES -> new AnthropicProtocol(dialect);
    };
  }

  /** Where requests go, behind the base URL. */
  String path(WireCall call);

  /**
   * @throws WireException with {@code UNSUPPORTED_PARAMETER}, {@code INVALID_PARAMETER} or {@code
   *     CANNOT_RESUME}, where this server cannot do what is asked
   */
  byte[] body(WireCall call) throws WireException;

  /**
   * @param key empty where the server needs none
   */
  void authorize(HttpRequest.Builder request, String key);

  StreamDecoder decoder();
}
