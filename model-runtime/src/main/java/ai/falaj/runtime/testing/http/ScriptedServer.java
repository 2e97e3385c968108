package ai.falaj.runtime.testing.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server on a free port of this machine that answers each request with a {@link
 * Script}. One thread serves any number of connections; {@link #close()} ends it.
 */
public final class ScriptedServer implements AutoCloseable {

  /** Decides what a request is answered with; on the server's thread. */
  public interface Handler {
    Script answer(ReceivedRequest request);
  }

  /** When a connection goes on after a pause. */
  private record Alarm(long atNanos, HttpConnection connection) {}

  private static final int READ_BUFFER = 64 << 10;

  private final Handler handler;
  private final Selector selector;
  private final ServerSocketChannel listening;
  private final Thread thread;
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparingLong(Alarm::atNanos));
  private final Set<HttpConnection> connections = new HashSet<>();
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER);
  private final List<ReceivedRequest> received = new ArrayList<>();
  private final AtomicInteger answering = new AtomicInteger();
  private final AtomicInteger mostAnswering = new AtomicInteger();
  private final AtomicInteger abandoned = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private int requests;
  private volatile boolean closed;

  private ScriptedServer(Handler handler, int port) throws IOException {
    this.handler = handler;
    this.selector = Selector.open();
    this.listening = ServerSocketChannel.open();
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
    listening.configureBlocking(false);
    listening.register(selector, SelectionKey.OP_ACCEPT);
    this.thread = new Thread(this::serve, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Listens from now on. */
  public static ScriptedServer start(Handler handler) {
    return start(handler, 0);
  }

  /**
   * @param port 0 for a free one
   */
  public static ScriptedServer start(Handler handler, int port) {
    try {
      return new ScriptedServer(handler, port);
    } catch (IOException e) {
      throw new UncheckedIOException("no server could be started", e);
    }
  }

  public int port() {
    return listening.socket().getLocalPort();
  }

  /** Where it listens, such as {@code http://127.0.0.1:4711}. */
  public String address() {
    return "http://127.0.0.1:" + port();
  }

  /** Everything that was asked so far. */
  public List<ReceivedRequest> received() {
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  /** Requests that are being answered. */
  public int answering() {
    return answering.get();
  }

  /** Most requests that were ever answered at once. */
  public int mostAnswering() {
    return mostAnswering.get();
  }

  /** Connections that were ever made. */
  public int connectionsAccepted() {
    return accepted.get();
  }

  /** Answers whose client closed the connection before their end. */
  public int abandoned() {
    return abandoned.get();
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try (Selector open = selector;
        ServerSocketChannel server = listening) {
      while (!closed) {
        open.select(millisUntilAlarm());
        for (SelectionKey key : open.selectedKeys()) {
          serve(key, server);
        }
        open.selectedKeys().clear();
        ringAlarms();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the scripted server broke", e);
    } finally {
      List.copyOf(connections).forEach(HttpConnection::close);
    }
  }

  private void serve(SelectionKey key, ServerSocketChannel server) throws IOException {
    if (key.isValid() && key.isAcceptable()) {
      accept(server);
      return;
    }
    HttpConnection connection = (HttpConnection) key.attachment();
    try {
      if (key.isValid() && key.isReadable()) {
        connection.read(readBuffer);
      }
      if (key.isValid() && key.isWritable()) {
        connection.goOn();
      }
    } catch (IOException clientIsGone) {
      connection.close();
    }
  }

  private void accept(ServerSocketChannel server) throws IOException {
    for (SocketChannel client = server.accept(); client != null; client = server.accept()) {
      client.configureBlocking(false);
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = client.register(selector, SelectionKey.OP_READ);
      HttpConnection connection = new HttpConnection(client, key, this);
      key.attach(connection);
      connections.add(connection);
      accepted.incrementAndGet();
    }
  }

  private long millisUntilAlarm() {
    if (alarms.isEmpty()) {
      return 0;
    }
    long nanos = alarms.peek().atNanos() - System.nanoTime();
    return Math.max(1, nanos / 1_000_000);
  }

  private void ringAlarms() {
    long now = System.nanoTime();
    while (!alarms.isEmpty() && alarms.peek().atNanos() - now <= 0) {
      HttpConnection connection = alarms.poll().connection();
      try {
        connection.goOn();
      } catch (IOException clientIsGone) {
        connection.close();
      }
    }
  }

  /** A request came; on the server's thread. */
  Script answer(String method, String path, Map<String, String> headers, String body) {
    ReceivedRequest request = new ReceivedRequest(requests++, method, path, headers, body);
    synchronized (received) {
      received.add(request);
    }
    mostAnswering.accumulateAndGet(answering.incrementAndGet(), Math::max);
    return handler.answer(request);
  }

  /** An answer is over. */
  void answered(boolean toItsEnd) {
    answering.decrementAndGet();
    if (!toItsEnd) {
      abandoned.incrementAndGet();
    }
  }

  void setAlarm(long atNanos, HttpConnection connection) {
    alarms.add(new Alarm(atNanos, connection));
  }

  void closed(HttpConnection connection) {
    connections.remove(connection);
  }
}
