package ai.falaj.runtime.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A response's body, chunk by chunk. Unlike the HTTP client's own input stream, waiting for a chunk
 * has a timeout and ends at an interrupt.
 *
 * <p>The client's thread delivers, one thread takes. One chunk is asked for at a time, so at most
 * one (some kilobytes) and the end wait in the queue. Closing it early closes the connection.
 */
final class ResponseBody implements HttpResponse.BodySubscriber<ResponseBody>, AutoCloseable {

  private sealed interface Event {}

  private record Chunk(List<ByteBuffer> buffers) implements Event {}

  private record End() implements Event {}

  private record Failure(Throwable cause) implements Event {}

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private Flow.Subscription subscription;
  private boolean closed;

  /**
   * Waits for more bytes.
   *
   * @return empty at the end of the body
   * @throws IOException when nothing comes for {@code timeout}, or the connection breaks
   */
  Optional<List<ByteBuffer>> next(Duration timeout) throws IOException, InterruptedException {
    Event event = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (event == null) {
      throw new IOException("nothing came for " + timeout.toSeconds() + " s");
    }
    if (event instanceof Failure failure) {
      throw new IOException(
          "the connection broke: " + failure.cause().getMessage(), failure.cause());
    }
    if (event instanceof Chunk chunk) {
      requestOne();
      return Optional.of(chunk.buffers());
    }
    return Optional.empty();
  }

  /**
   * Takes the whole body.
   *
   * @throws IOException also when it is longer than {@code maxBytes}
   */
  byte[] readAll(int maxBytes, Duration timeout) throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Optional<List<ByteBuffer>> chunk = next(timeout);
        chunk.isPresent();
        chunk = next(timeout)) {
      for (ByteBuffer buffer : chunk.get()) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        all.writeBytes(bytes);
      }
      if (all.size() > maxBytes) {
        throw new IOException("the answer is longer than " + maxBytes + " bytes");
      }
    }
    return all.toByteArray();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public CompletionStage<ResponseBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    if (closed) {
      subscription.cancel();
    } else {
      subscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Chunk(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new Failure(failure));
  }

  @Override
  public void onComplete() {
    events.add(new End());
  }

  private synchronized void requestOne() {
    if (!closed) {
      subscription.request(1);
    }
  }
}
