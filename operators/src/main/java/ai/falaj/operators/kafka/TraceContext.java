package ai.falaj.operators.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** W3C trace context in Kafka headers. */
public final class TraceContext {

  static final String TRACEPARENT = "traceparent";

  /** {@code version-traceid-parentid-flags}; anything longer is not copied along. */
  private static final int MAX_LENGTH = 128;

  private TraceContext() {}

  public static Optional<String> read(Headers headers) {
    Header header = headers.lastHeader(TRACEPARENT);
    if (header == null || header.value() == null || header.value().length > MAX_LENGTH) {
      return Optional.empty();
    }
    return Optional.of(new String(header.value(), StandardCharsets.US_ASCII));
  }

  public static void write(String traceparent, Headers headers) {
    headers.add(TRACEPARENT, traceparent.getBytes(StandardCharsets.US_ASCII));
  }
}
