package ai.falaj.runtime.remote.http;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * HTTP exchanges over one pool of connections. However many streams there are, they cost the JDK
 * client's selector thread and {@value #THREADS} threads that copy bytes and never wait.
 *
 * <p>Redirects are not followed: a key must not leave for another host. Any thread.
 */
public final class HttpExchanges implements AutoCloseable {

  private static final int THREADS = 4;

  private final ThreadPoolExecutor threads;
  private final HttpClient client;

  /**
   * @param name for the threads
   * @param version HTTP/1.1 gives every stream a connection of its own; HTTP/2 shares one, for as
   *     many streams as the server allows in it
   */
  public HttpExchanges(String name, HttpClient.Version version, Duration connectTimeout) {
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(task, "falaj-http-" + name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    client =
        HttpClient.newBuilder()
            .version(version)
            .connectTimeout(connectTimeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
  }

  /** An exchange that was begun. */
  public interface Exchange {

    /** Ends it, and the connection with it where no other stream uses it. Any thread. */
    void cancel();
  }

  /**
   * Sends a request. Bytes are asked for only after the last ones were taken, so a listener that
   * falls behind slows its server down.
   *
   * @param owner runs the listener, one call at a time
   */
  public Exchange send(HttpRequest request, Executor owner, HttpListener listener) {
    Receiver receiver = new Receiver(owner, listener);
    receiver.sent(client.sendAsync(request, receiver));
    return receiver;
  }

  /** Waits for a whole response; for questions asked while a model is opened. */
  public HttpResponse<String> ask(HttpRequest request)
      throws java.io.IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Cancel exchanges before: this does not wait for them. */
  @Override
  public void close() {
    threads.shutdown();
  }

  /** Both ends of one exchange: handler of the response and subscriber of its body. */
  private static final class Receiver
      implements Exchange,
          HttpResponse.BodyHandler<Void>,
          HttpResponse.BodySubscriber<Void>,
          Flow.Subscriber<List<ByteBuffer>> {

    private final Executor owner;
    private final HttpListener listener;
    private volatile boolean cancelled;

    /** The connection may serve another exchange already. */
    private volatile boolean received;

    private volatile Flow.Subscription subscription;
    private volatile CompletableFuture<HttpResponse<Void>> response;

    /** Confined to the owner. */
    private boolean ended;

    Receiver(Executor owner, HttpListener listener) {
      this.owner = owner;
      this.listener = listener;
    }

    void sent(CompletableFuture<HttpResponse<Void>> future) {
      response = future;
      if (cancelled) {
        future.cancel(true);
      }
      future.whenComplete(
          (unused, failure) -> {
            if (failure != null) {
              broken(failure);
            }
          });
    }

    @Override
    public HttpResponse.BodySubscriber<Void> apply(HttpResponse.ResponseInfo info) {
      int status = info.statusCode();
      HttpHeaders headers = info.headers();
      tell(() -> listener.onResponse(status, headers));
      return this;
    }

    @Override
    public CompletionStage<Void> getBody() {
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      if (cancelled) {
        newSubscription.cancel();
      } else {
        newSubscription.request(1);
      }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      tell(
          () -> {
            listener.onBytes(bytes);
            if (!cancelled) {
              subscription.request(1);
            }
          });
    }

    @Override
    public void onError(Throwable failure) {
      broken(failure);
    }

    @Override
    public void onComplete() {
      received = true;
      tell(
          () -> {
            ended = true;
            listener.onEnd();
          });
    }

    @Override
    public void cancel() {
      cancelled = true;
      if (received) {
        return;
      }
      Flow.Subscription current = subscription;
      if (current != null) {
        current.cancel();
      }
      CompletableFuture<HttpResponse<Void>> future = response;
      if (future != null) {
        future.cancel(true);
      }
    }

    private void broken(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      tell(
          () -> {
            ended = true;
            listener.onBroken(cause);
          });
    }

    private void tell(Runnable call) {
      if (cancelled) {
        return;
      }
      try {
        owner.execute(
            () -> {
              if (!cancelled && !ended) {
                call.run();
              }
            });
      } catch (RejectedExecutionException ownerIsGone) {
        cancel();
      }
    }
  }
}
