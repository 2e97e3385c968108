package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request in a {@link FallbackRuntime}. It is with one runtime at a time, whose thread calls
 * it; until that one has told a token, another may take its place. Any thread.
 */
final class FallbackGeneration implements GenerationHandle {

  private static final Logger LOG = LoggerFactory.getLogger(FallbackGeneration.class);

  /** What says more of the runtime than of the request: another may do better. */
  private static final Set<RuntimeErrorCode> OF_THE_RUNTIME =
      EnumSet.of(
          RuntimeErrorCode.OVERLOADED,
          RuntimeErrorCode.ENGINE_FAILURE,
          RuntimeErrorCode.TIMEOUT,
          RuntimeErrorCode.UNAUTHORIZED,
          RuntimeErrorCode.RUNTIME_CLOSED);

  private final GenerationRequest request;
  private final GenerationListener listener;
  private final Consumer<FallbackGeneration> onEnd;

  /** Guards what follows; never held while a runtime or the listener is called. */
  private final Object lock = new Object();

  private final Deque<ModelRuntime> left;
  private GenerationHandle current;
  private boolean cancelled;
  private boolean told;
  private boolean ended;

  /**
   * @param runtimes to be asked, in order; at least one
   */
  FallbackGeneration(
      GenerationRequest request,
      GenerationListener listener,
      List<ModelRuntime> runtimes,
      Consumer<FallbackGeneration> onEnd) {
    this.request = request;
    this.listener = listener;
    this.left = new ArrayDeque<>(runtimes);
    this.onEnd = onEnd;
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public void cancel() {
    GenerationHandle handle;
    synchronized (lock) {
      cancelled = true;
      handle = current;
    }
    if (handle != null) {
      handle.cancel();
    }
  }

  /**
   * Gives the request to the next runtime that takes it.
   *
   * @throws GenerationException what the last one said, where none takes it
   */
  void start() throws GenerationException {
    while (true) {
      ModelRuntime next;
      synchronized (lock) {
        next = left.poll();
      }
      try {
        submitTo(next);
        return;
      } catch (GenerationException refused) {
        if (!mayPassOn(refused)) {
          throw refused;
        }
      }
    }
  }

  /** Ends it for the listener; what the runtime still says is not heard. */
  void fail(GenerationException failure) {
    if (endOnce()) {
      cancel();
      listener.onFailed(failure);
    }
  }

  private void submitTo(ModelRuntime runtime) throws GenerationException {
    GenerationHandle handle = runtime.submit(request, new Forwarding(runtime.info()));
    boolean cancelNow;
    synchronized (lock) {
      current = handle;
      cancelNow = cancelled;
    }
    if (cancelNow) {
      handle.cancel();
    }
  }

  private boolean mayPassOn(GenerationException failure) {
    synchronized (lock) {
      return OF_THE_RUNTIME.contains(failure.code()) && !left.isEmpty() && !told && !cancelled;
    }
  }

  private boolean endOnce() {
    synchronized (lock) {
      if (ended) {
        return false;
      }
      ended = true;
    }
    onEnd.accept(this);
    return true;
  }

  private boolean isOver() {
    synchronized (lock) {
      return ended;
    }
  }

  /** Hears one runtime; what it began is told with its first token. */
  private final class Forwarding implements GenerationListener {
    private RuntimeInfo server;
    private boolean started;

    Forwarding(RuntimeInfo server) {
      this.server = server;
    }

    @Override
    public void onServedBy(RuntimeInfo model) {
      server = model;
    }

    @Override
    public void onTokens(TokenDelta delta) {
      if (!isOver()) {
        tellStart();
        listener.onTokens(delta);
      }
    }

    @Override
    public void onFinished(GenerationResult result) {
      if (isOver()) {
        return;
      }
      tellStart();
      if (endOnce()) {
        listener.onFinished(result.servedBy().isPresent() ? result : result.servedBy(server));
      }
    }

    @Override
    public void onFailed(GenerationException failure) {
      if (isOver()) {
        return;
      }
      GenerationException last = failure;
      if (mayPassOn(failure)) {
        LOG.info("Model {} hands request {} on: {}", server.model(), requestId(), failure.code());
        try {
          start();
          return;
        } catch (GenerationException refused) {
          last = refused;
        }
      }
      if (endOnce()) {
        listener.onFailed(last);
      }
    }

    private void tellStart() {
      if (!started) {
        started = true;
        synchronized (lock) {
          told = true;
        }
        listener.onServedBy(server);
        listener.onStarted();
      }
    }
  }

  /** Whether the request may go to a runtime that goes on with the given tokens. */
  static boolean mayResumeOn(GenerationRequest request, RuntimeInfo info, boolean sameModel) {
    if (request.resumption().isEmpty() || request.resumption().get().tokens() == 0) {
      return true;
    }
    Optional<String> maker = request.resumption().get().modelSha256();
    return maker.isPresent() ? maker.equals(info.modelSha256()) : sameModel;
  }
}
