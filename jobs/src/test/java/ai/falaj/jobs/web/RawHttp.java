package ai.falaj.jobs.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** One HTTP request as it is written, byte by byte: with headers that Java's client forbids. */
public final class RawHttp {

  private static final int TIMEOUT_MS = 10_000;

  private RawHttp() {}

  /**
   * Sends a request and returns all that came back; the connection is closed after it.
   *
   * @param head request line and headers, without the empty line
   */
  public static String send(URI server, String head, String body) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(TIMEOUT_MS);
      OutputStream out = socket.getOutputStream();
      out.write(
          (head.strip().replace("\n", "\r\n") + "\r\nConnection: close\r\n\r\n" + body)
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The status of such an answer. */
  public static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }
}
