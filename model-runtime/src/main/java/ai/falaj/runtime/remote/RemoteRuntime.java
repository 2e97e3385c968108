package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeStats;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model behind HTTP. Any thread: everything is handed to the one thread that owns the requests,
 * which also calls the listeners.
 *
 * <p>It is OPEN until it is closed or an invariant breaks; both end every request. A broken
 * invariant leaves the runtime FAILED, so that whoever shares it opens another one.
 *
 * <p>Two things of the contract are weaker than in an engine of our own, because a server does not
 * show its tokens: a resumed answer is gone on with as text, where the server can, and what the
 * rest is drawn from is another stream of random numbers; and stop strings are looked for in what
 * the server adds, not across the seam.
 */
public final class RemoteRuntime implements ModelRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteRuntime.class);

  private static final Duration SWEEP = Duration.ofSeconds(1);

  private final RemoteSpec spec;
  private final RemoteEndpoint endpoint;
  private final EventLoop loop;
  private final Dispatcher dispatcher;
  private final RemoteCounters counters = new RemoteCounters();
  private final RuntimeInfo info;
  private final AtomicLong numbers = new AtomicLong();

  /** Requests that were accepted and have not ended. */
  private final AtomicInteger inRuntime = new AtomicInteger();

  private volatile boolean closed;
  private volatile String broken = "";

  private RemoteRuntime(RemoteSpec spec, RemoteEndpoint endpoint) {
    this.spec = spec;
    this.endpoint = endpoint;
    this.loop = new EventLoop("falaj-remote-" + spec.model(), this::onBroken);
    this.dispatcher = new Dispatcher(spec, endpoint, loop, counters);
    this.info =
        new RuntimeInfo(
            spec.model(),
            Optional.empty(),
            spec.preset().configName(),
            spec.endpoint(),
            Optional.empty(),
            spec.concurrency().max(),
            spec.contextTokens(),
            0);
    loop.scheduleEvery(dispatcher::sweep, SWEEP);
  }

  /**
   * @throws RuntimeLoadException if the key cannot be read, or the endpoint says at once that it
   *     will not work
   */
  static RemoteRuntime open(RemoteSpec spec) throws RuntimeLoadException {
    RemoteEndpoint endpoint = new RemoteEndpoint(spec);
    try {
      if (spec.checkAtOpen()) {
        new EndpointCheck(spec, endpoint).run();
      }
    } catch (RuntimeLoadException e) {
      endpoint.close();
      throw e;
    }
    return new RemoteRuntime(spec, endpoint);
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    if (closed) {
      throw closedFailure(request);
    }
    OptionalLong refused = dispatcher.refusedForNanos();
    if (refused.isPresent()) {
      throw dispatcher.refusal(request.requestId(), refused.getAsLong());
    }
    int most = spec.maxWaiting() + spec.concurrency().max();
    if (inRuntime.incrementAndGet() > most) {
      inRuntime.decrementAndGet();
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.OVERLOADED,
          "%d requests wait for %s or run there; submit again later"
              .formatted(most, endpoint.name()));
    }
    RemoteGeneration generation =
        new RemoteGeneration(
            request,
            new CountingListener(listener, inRuntime::decrementAndGet),
            numbers.incrementAndGet(),
            dispatcher,
            loop,
            counters);
    try {
      loop.execute(() -> accept(generation));
    } catch (RejectedExecutionException loopIsClosed) {
      throw closedFailure(request);
    }
    return generation;
  }

  private void accept(RemoteGeneration generation) {
    if (closed) {
      generation.fail(RuntimeErrorCode.RUNTIME_CLOSED, "the runtime was closed before it began");
    } else {
      dispatcher.accept(generation);
    }
  }

  private GenerationException closedFailure(GenerationRequest request) {
    return new GenerationException(
        request.requestId(),
        RuntimeErrorCode.RUNTIME_CLOSED,
        "the runtime of model %s is closed".formatted(spec.model()));
  }

  @Override
  public RuntimeInfo info() {
    return info;
  }

  @Override
  public RuntimeStats stats() {
    return counters.published();
  }

  @Override
  public RuntimeHealth health() {
    if (!broken.isEmpty()) {
      return RuntimeHealth.failed(broken);
    }
    if (closed) {
      return RuntimeHealth.failed("the runtime was closed");
    }
    String trouble = dispatcher.trouble();
    return trouble.isEmpty() ? RuntimeHealth.READY : RuntimeHealth.unavailable(trouble);
  }

  @Override
  public void close() {
    end(RuntimeErrorCode.RUNTIME_CLOSED, "the runtime was closed before the end");
  }

  private void onBroken(RuntimeException cause) {
    LOG.error("The remote runtime of model {} broke an invariant", spec.model(), cause);
    broken = "it broke an invariant; the log has it";
    end(RuntimeErrorCode.ENGINE_FAILURE, "the remote runtime failed");
  }

  private void end(RuntimeErrorCode code, String message) {
    closed = true;
    try {
      loop.execute(() -> dispatcher.close(code, message));
    } catch (RejectedExecutionException alreadyClosed) {
      LOG.debug("The runtime of model {} was closed before", spec.model());
    }
    loop.close();
    endpoint.close();
  }
}
