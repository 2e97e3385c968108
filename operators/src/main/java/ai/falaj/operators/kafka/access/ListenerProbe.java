package ai.falaj.operators.kafka.access;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Finds out what a listener speaks by greeting it with TLS. Sends nothing else. Any thread. */
final class ListenerProbe {

  private static final int LIMIT_MS = 1_000;

  /** What a listener speaks. */
  enum Speaks {
    /** No connection. */
    NOTHING,
    TLS,
    /** It takes connections, and knows nothing of TLS. */
    PLAIN_TEXT
  }

  private ListenerProbe() {}

  /**
   * What the first of these speaks that takes a connection. Two seconds per address at most.
   *
   * @param addresses host and port, as {@code bootstrap.servers} has them
   */
  static Speaks ask(List<String> addresses) {
    for (String address : addresses) {
      int colon = address.lastIndexOf(':');
      String host = address.substring(0, colon).strip().replaceAll("^.*//|[\\[\\]]", "");
      int port = Integer.parseInt(address.substring(colon + 1).strip());
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(host, port), LIMIT_MS);
        socket.setSoTimeout(LIMIT_MS);
        return greet(socket, host, port);
      } catch (IOException e) {
        continue; // nobody there: the next one
      }
    }
    return Speaks.NOTHING;
  }

  private static Speaks greet(Socket socket, String host, int port) throws IOException {
    SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
    try (SSLSocket greeted = (SSLSocket) tls.createSocket(socket, host, port, true)) {
      greeted.startHandshake();
      return Speaks.TLS;
    } catch (SocketTimeoutException | SocketException e) {
      return Speaks.PLAIN_TEXT;
    } catch (SSLException e) {
      // A certificate that is not trusted here is one, all the same. A broker without TLS takes
      // the greeting for a request that is too long, and closes.
      boolean closed = e.getCause() instanceof EOFException || e.getMessage().contains("SSL mess");
      return closed ? Speaks.PLAIN_TEXT : Speaks.TLS;
    }
  }
}
