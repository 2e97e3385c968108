package ai.falaj.runtime.models;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Hugging Face on loopback: {@code /repo/resolve/...} redirects to {@code /storage}, which sends
 * the content, with the faults that a test asks for. Fields are set before the first request.
 */
final class FakeHub implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Deque<Fault> faults = new ArrayDeque<>();

  volatile byte[] content;
  volatile String etag = "\"v1\"";
  volatile String linkedEtag;
  volatile boolean ranges = true;
  volatile String list = "[]";
  final List<String> requests = new CopyOnWriteArrayList<>();

  private sealed interface Fault {}

  private record Status(int code, String retryAfter) implements Fault {}

  private record Cut(int afterBytes) implements Fault {}

  private record Stall(int afterBytes) implements Fault {}

  FakeHub(byte[] content) throws IOException {
    this.content = content;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/storage", this::sendContent);
    server.createContext("/api", this::sendList);
    server.createContext("/", this::redirect);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  synchronized void answerOnceWith(int status, String retryAfter) {
    faults.add(new Status(status, retryAfter));
  }

  synchronized void cutOnceAfter(int bytes) {
    faults.add(new Cut(bytes));
  }

  synchronized void stallOnceAfter(int bytes) {
    faults.add(new Stall(bytes));
  }

  private synchronized Fault nextFault() {
    return faults.poll();
  }

  private void redirect(HttpExchange exchange) throws IOException {
    record(exchange);
    if (linkedEtag != null) {
      exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + linkedEtag + "\"");
    }
    // Another name of the same host: another origin, as Hugging Face's storage is.
    exchange
        .getResponseHeaders()
        .set("Location", "http://localhost:" + server.getAddress().getPort() + "/storage");
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private void sendList(HttpExchange exchange) throws IOException {
    record(exchange);
    byte[] body = list.getBytes();
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void sendContent(HttpExchange exchange) throws IOException {
    record(exchange);
    Fault fault = nextFault();
    if (fault instanceof Status status) {
      if (status.retryAfter() != null) {
        exchange.getResponseHeaders().set("Retry-After", status.retryAfter());
      }
      exchange.sendResponseHeaders(status.code(), -1);
      exchange.close();
      return;
    }
    if (etag != null) {
      exchange.getResponseHeaders().set("ETag", etag);
    }
    int from = rangeStart(exchange);
    if (from >= content.length && from > 0) {
      exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
      exchange.sendResponseHeaders(416, -1);
      exchange.close();
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    OutputStream body = exchange.getResponseBody();
    int until = content.length;
    if (fault instanceof Cut cut) {
      until = Math.min(until, from + cut.afterBytes());
    } else if (fault instanceof Stall stall) {
      until = Math.min(until, from + stall.afterBytes());
    }
    body.write(content, from, until - from);
    body.flush();
    if (fault instanceof Stall) {
      awaitClose();
    }
    // Closing an exchange whose body is not whole closes the connection.
    exchange.close();
  }

  private int rangeStart(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
    if (range == null || !ranges || (ifRange != null && !ifRange.equals(etag))) {
      return 0;
    }
    return Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
  }

  private void record(HttpExchange exchange) {
    requests.add(
        exchange.getRequestURI()
            + " range="
            + exchange.getRequestHeaders().getFirst("Range")
            + " auth="
            + exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    executor.shutdownNow();
  }
}
