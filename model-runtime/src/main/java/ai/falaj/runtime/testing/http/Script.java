package ai.falaj.runtime.testing.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * How a {@link ScriptedServer} answers one request: steps that it takes one after the other.
 *
 * @param steps asked for one at a time, when the step before is over
 */
public record Script(Iterator<Step> steps) {

  /** One step. */
  public sealed interface Step {

    /** Writes bytes as they are. */
    record Send(byte[] bytes) implements Step {}

    /** Does nothing for a while. */
    record Pause(long nanos) implements Step {}

    /** Closes the connection in the middle of whatever it is in. */
    record Cut() implements Step {}
  }

  /** A whole response with a length. */
  public static Script response(int status, String body, String... headers) {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        head(status, "application/json", List.of(headers), "Content-Length: " + content.length));
    bytes.writeBytes(content);
    return new Script(List.<Step>of(new Step.Send(bytes.toByteArray())).iterator());
  }

  /** A stream of server-sent events. */
  public static Builder stream(String... headers) {
    return new Builder(headers);
  }

  /** The bytes that a stream begins with. */
  public static byte[] streamHead(String... headers) {
    return head(200, "text/event-stream", List.of(headers), "Transfer-Encoding: chunked");
  }

  /** Bytes as a chunk of a stream. */
  public static byte[] chunk(byte[] content) {
    byte[] length =
        (Integer.toHexString(content.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] chunk = Arrays.copyOf(length, length.length + content.length + 2);
    System.arraycopy(content, 0, chunk, length.length, content.length);
    chunk[chunk.length - 2] = '\r';
    chunk[chunk.length - 1] = '\n';
    return chunk;
  }

  /** The bytes that a stream ends with. */
  public static byte[] streamEnd() {
    return "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] head(int status, String contentType, List<String> headers, String framing) {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" scripted\r\n");
    head.append("Content-Type: ").append(contentType).append("\r\n");
    headers.forEach(header -> head.append(header).append("\r\n"));
    return head.append(framing).append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Confined to one thread. */
  public static final class Builder {
    private final List<Step> steps = new ArrayList<>();

    private Builder(String... headers) {
      steps.add(new Step.Send(streamHead(headers)));
    }

    /** An event without a name. */
    public Builder data(String json) {
      return text("data: " + json + "\n\n");
    }

    public Builder event(String type, String json) {
      return text("event: " + type + "\ndata: " + json + "\n\n");
    }

    /** Part of the stream, in a chunk of its own. */
    public Builder text(String part) {
      return bytes(part.getBytes(StandardCharsets.UTF_8));
    }

    /** Part of the stream, in a chunk of its own. */
    public Builder bytes(byte[] part) {
      steps.add(new Step.Send(chunk(part)));
      return this;
    }

    /** Part of the stream, each byte in a chunk of its own. */
    public Builder byteByByte(String part) {
      for (byte one : part.getBytes(StandardCharsets.UTF_8)) {
        bytes(new byte[] {one});
      }
      return this;
    }

    public Builder pause(Duration wait) {
      steps.add(new Step.Pause(wait.toNanos()));
      return this;
    }

    /** The stream ends in order. */
    public Script end() {
      steps.add(new Step.Send(streamEnd()));
      return script();
    }

    /** The connection is closed without an end of the stream. */
    public Script cut() {
      steps.add(new Step.Cut());
      return script();
    }

    /** Nothing more comes, and the connection stays. */
    public Script hang() {
      steps.add(new Step.Pause(Long.MAX_VALUE / 4));
      return script();
    }

    private Script script() {
      return new Script(List.copyOf(steps).iterator());
    }
  }
}
