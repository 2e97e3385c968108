package ai.falaj.jobs.web;

import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Server-sent events to one client, without a thread of its own: whoever has news calls {@link
 * #wake}, and the stream takes from its {@link Source} as much as the connection accepts. When the
 * connection is full, the rest stays in the source, which decides what becomes of it, and the
 * container goes on as soon as there is room.
 *
 * <p>States: OPEN until the source ends, {@link #end} is called or the connection breaks, then
 * CLOSED, once. Any thread may wake it; writing is guarded by its monitor and never blocks.
 */
public final class EventStream {

  /**
   * Where the frames come from. Called with the stream's monitor held: be quick, take no lock that
   * is held while {@link #wake} is called.
   */
  public interface Source {

    /** The next frame; empty where there is none now. Nobody may change the array. */
    Optional<byte[]> next();

    /** Whether no frame will come after those that {@link #next} still has. */
    boolean isEnded();
  }

  private final Source source;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private ServletOutputStream out;

  /** Between {@code isReady() == false} and the container's call nobody may write. */
  private boolean awaitsContainer = true;

  private boolean unflushed;
  private boolean ended;

  private EventStream(Source source) {
    this.source = source;
  }

  /**
   * Answers a request with a stream. Call it last in a handler.
   *
   * @param source of the frames; what it has already is sent at once
   */
  public static EventStream open(Context context, Source source) {
    return open(context, source, CompletableFuture.completedFuture(null));
  }

  /**
   * Likewise, but the answer begins when it is known to be a stream.
   *
   * @param ready fails with a {@link WebException} where that is the answer instead
   */
  public static EventStream open(Context context, Source source, CompletableFuture<?> ready) {
    EventStream stream = new EventStream(source);
    context.future(
        () ->
            ready
                .thenAccept(nothing -> stream.start(context))
                .thenCompose(started -> stream.closed)
                .whenComplete((nothing, failure) -> stream.close()));
    return stream;
  }

  private void start(Context context) {
    context.res().setStatus(200);
    context.res().setContentType("text/event-stream");
    context.res().setCharacterEncoding("UTF-8");
    // Proxies that collect answers would make events late.
    context.res().setHeader("X-Accel-Buffering", "no");
    try {
      synchronized (this) {
        out = context.res().getOutputStream();
      }
      out.setWriteListener(new Container());
    } catch (IOException e) {
      close();
    }
  }

  /** The container's side: it calls when it can take more. */
  private final class Container implements WriteListener {
    @Override
    public void onWritePossible() {
      synchronized (EventStream.this) {
        awaitsContainer = false;
      }
      wake();
    }

    @Override
    public void onError(Throwable failure) {
      close(); // The client is gone: there is nobody to tell.
    }
  }

  /** Sends what the source has, as far as the connection takes it. */
  public void wake() {
    if (!drain()) {
      close();
    }
  }

  /** Whether the stream goes on. */
  private synchronized boolean drain() {
    if (ended || awaitsContainer) {
      return !ended;
    }
    try {
      while (out.isReady()) {
        Optional<byte[]> frame = source.next();
        if (frame.isPresent()) {
          out.write(frame.get());
          unflushed = true;
        } else if (unflushed) {
          unflushed = false;
          out.flush();
        } else {
          return !source.isEnded();
        }
      }
      awaitsContainer = true;
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it without sending what the source may still have. */
  public void end() {
    close();
  }

  private void close() {
    synchronized (this) {
      ended = true;
    }
    closed.complete(null);
  }

  /** Completes when the stream has ended, whoever ended it. */
  public CompletableFuture<Void> closed() {
    return closed;
  }
}
