package ai.falaj.runtime.testing.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One client of a {@link ScriptedServer}: READING a request, then ANSWERING it step by step, then
 * reading the next. Confined to the server's thread.
 */
final class HttpConnection {

  private static final String END_OF_HEAD = "\r\n\r\n";

  private final SocketChannel channel;
  private final SelectionKey key;
  private final ScriptedServer server;
  private final ByteArrayOutputStream incoming = new ByteArrayOutputStream();
  private Script script;
  private ByteBuffer outgoing = ByteBuffer.allocate(0);
  private long resumesAtNanos;
  private boolean pausing;
  private boolean isClosed;

  HttpConnection(SocketChannel channel, SelectionKey key, ScriptedServer server) {
    this.channel = channel;
    this.key = key;
    this.server = server;
  }

  void read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    if (count < 0) {
      close();
      return;
    }
    byte[] bytes = new byte[buffer.flip().remaining()];
    buffer.get(bytes);
    incoming.writeBytes(bytes);
    if (script == null) {
      maybeAnswer();
    }
  }

  /** Takes steps until one has to wait. */
  void goOn() throws IOException {
    while (!isClosed && script != null && !mustWait()) {
      if (!script.steps().hasNext()) {
        script = null;
        server.answered(true);
        maybeAnswer();
        return;
      }
      take(script.steps().next());
    }
  }

  void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // The client was faster.
    }
    if (script != null) {
      script = null;
      server.answered(false);
    }
    server.closed(this);
  }

  private boolean mustWait() throws IOException {
    if (outgoing.hasRemaining()) {
      channel.write(outgoing);
      boolean blocked = outgoing.hasRemaining();
      key.interestOps(
          blocked ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
      return blocked;
    }
    if (pausing && resumesAtNanos - System.nanoTime() > 0) {
      return true;
    }
    pausing = false;
    return false;
  }

  private void take(Script.Step step) {
    if (step instanceof Script.Step.Send send) {
      outgoing = ByteBuffer.wrap(send.bytes());
    } else if (step instanceof Script.Step.Pause pause) {
      pausing = true;
      resumesAtNanos = System.nanoTime() + pause.nanos();
      server.setAlarm(resumesAtNanos, this);
    } else {
      close();
    }
  }

  /** Answers the request that has come, where one has. */
  private void maybeAnswer() throws IOException {
    byte[] bytes = incoming.toByteArray();
    String text = new String(bytes, StandardCharsets.ISO_8859_1); // a char is a byte
    int end = text.indexOf(END_OF_HEAD);
    if (end < 0) {
      return;
    }
    String[] lines = text.substring(0, end).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    int bodyStart = end + END_OF_HEAD.length();
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    if (bytes.length < bodyStart + length) {
      return;
    }
    incoming.reset();
    incoming.write(bytes, bodyStart + length, bytes.length - bodyStart - length);
    String[] words = lines[0].split(" ");
    script =
        server.answer(
            words[0],
            words[1],
            headers,
            new String(bytes, bodyStart, length, StandardCharsets.UTF_8));
    goOn();
  }
}
