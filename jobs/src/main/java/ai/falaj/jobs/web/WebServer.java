package ai.falaj.jobs.web;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.util.BlockingArrayQueue;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server on one address and port. Every request passes {@link OriginGuard} and {@link
 * Access} before its handler; every answer has {@link SecurityHeaders}; every error is the JSON of
 * {@link WebException}, and one that nobody expected says nothing of its inside.
 *
 * <p>Threads, waiting requests and request bodies are bounded; streams ({@link EventStream}) take
 * no thread. States: started by {@link #start}, stopped by {@link #close}, once. Any thread.
 */
public final class WebServer implements AutoCloseable {

  /** Largest body of a request, where a server does not say otherwise. */
  public static final int MOST_BODY_BYTES = 1 << 20;

  private static final String BODY_LIMIT = "falaj.body-limit";

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private static final int MOST_THREADS = 24;
  private static final int LEAST_THREADS = 4;
  private static final int THREAD_IDLE_MS = 30_000;
  private static final int MOST_WAITING = 1_024;

  private final Javalin javalin;
  private final ListenSettings settings;
  private final AtomicBoolean closed = new AtomicBoolean();

  private WebServer(Javalin javalin, ListenSettings settings) {
    this.javalin = javalin;
    this.settings = settings;
  }

  /**
   * Starts one and returns when it answers.
   *
   * @param name of its threads
   * @param access who may call
   * @param routes adds the handlers
   * @throws PortTakenException where another process listens there
   */
  public static WebServer start(
      String name, ListenSettings settings, Access access, Consumer<RoutesConfig> routes) {
    return start(name, settings, MOST_BODY_BYTES, access, routes);
  }

  /**
   * Likewise, with another bound of bodies.
   *
   * @param mostBodyBytes largest body of a request
   */
  public static WebServer start(
      String name,
      ListenSettings settings,
      int mostBodyBytes,
      Access access,
      Consumer<RoutesConfig> routes) {
    OriginGuard guard = new OriginGuard(settings.allowedHosts());
    Javalin javalin =
        Javalin.create(
            config -> {
              configure(config, name);
              config.http.maxRequestSize = mostBodyBytes;
              config.routes.before(
                  context -> {
                    context.attribute(BODY_LIMIT, mostBodyBytes);
                    admit(context, guard, access);
                  });
              routes.accept(config.routes);
              config.routes.exception(WebException.class, WebServer::answer);
              config.routes.exception(HttpResponseException.class, WebServer::answerJavalins);
              config.routes.exception(Exception.class, WebServer::answerUnexpected);
            });
    try {
      javalin.start(settings.address().getHostAddress(), settings.port());
    } catch (JavalinBindException e) {
      throw new PortTakenException(settings.port(), e);
    }
    return new WebServer(javalin, settings);
  }

  private static void configure(JavalinConfig config, String name) {
    QueuedThreadPool threads =
        new QueuedThreadPool(
            MOST_THREADS, LEAST_THREADS, THREAD_IDLE_MS, new BlockingArrayQueue<>(MOST_WAITING));
    threads.setName(name);
    threads.setDaemon(true);
    config.jetty.threadPool = threads;
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
  }

  private static void admit(Context context, OriginGuard guard, Access access) {
    SecurityHeaders.addTo(context.res());
    RequestHead head = RequestHead.of(context.req());
    guard
        .refusal(head)
        .ifPresent(
            refusal -> {
              throw refusal;
            });
    if (head.bodyBytes() > bodyLimit(context)) {
      throw tooLarge(context);
    }
    access.check(head, context);
  }

  /** Largest body that this request may have, in bytes. */
  static int bodyLimit(Context context) {
    Integer limit = context.attribute(BODY_LIMIT);
    return limit == null ? MOST_BODY_BYTES : limit;
  }

  static WebException tooLarge(Context context) {
    return WebException.of(
        413,
        "invalid_request_error",
        "body_too_large",
        "the body is larger than " + bodyLimit(context) + " bytes");
  }

  private static void answer(WebException failure, Context context) {
    context.status(failure.status());
    failure
        .retryAfter()
        .ifPresent(after -> context.header("Retry-After", Long.toString(after.toSeconds())));
    context.contentType("application/json").result(failure.body());
  }

  /** What Javalin itself refuses: unknown paths, wrong methods, bodies without a length. */
  private static void answerJavalins(HttpResponseException failure, Context context) {
    answer(
        switch (failure.getStatus()) {
          case 404 -> WebException.notFound("unknown_path", "there is nothing here");
          case 405 ->
              WebException.of(
                  405, "invalid_request_error", "wrong_method", "that path has other methods");
          case 413 -> tooLarge(context);
          default ->
              WebException.of(
                  failure.getStatus(), "invalid_request_error", "refused", failure.getMessage());
        },
        context);
  }

  private static void answerUnexpected(Exception failure, Context context) {
    LOG.error("{} {} failed", context.req().getMethod(), context.path(), failure);
    answer(
        WebException.of(
            500, "server_error", "unexpected", "this is a mistake of the server; see its log"),
        context);
  }

  /** Where it is found, with a trailing slash. */
  public URI url() {
    InetAddress address = settings.address();
    String host =
        address.isAnyLocalAddress()
            ? "localhost"
            : address instanceof Inet6Address
                ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    return URI.create("http://" + host + ":" + javalin.port() + "/");
  }

  /** The port it listens on. */
  public int port() {
    return javalin.port();
  }

  /** Stops listening and breaks the connections there are. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      javalin.stop();
    }
  }
}
