package ai.falaj.runtime.shared;

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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runtime whose model is replaced while it serves. A request ends on the model it began with, and
 * its result says which one that was; none is dropped.
 *
 * <p>It is SERVING. A {@link #reload()} with memory for two models loads the new one beside the
 * old, sends new requests to it, and closes the old when its last request has ended; if the load
 * fails, nothing has changed. Without that memory it is HOLDING meanwhile: new requests wait, at
 * most {@code maxHeld} of them, while the old model ends its own, is closed, and the new one is
 * loaded. If that load fails it is tried again {@value #LOAD_ATTEMPTS} times in all, and then the
 * runtime is FAILED: what it holds fails as retryable, and whoever shares it loads anew.
 *
 * <p>Any thread; {@link #reload()} runs in the thread that calls it, one at a time.
 */
public final class ReloadableRuntime implements ModelRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(ReloadableRuntime.class);

  private static final int LOAD_ATTEMPTS = 3;

  private enum State {
    SERVING,
    HOLDING,
    FAILED,
    CLOSED
  }

  private final ModelSupply supply;
  private final int maxHeld;

  /** One reload at a time; {@link #close()} waits for it. */
  private final ReentrantLock reloading = new ReentrantLock();

  /** Tells held requests that they ended; its thread ends when it has nothing to tell. */
  private final ThreadPoolExecutor ownThread;

  /** Guards everything below; never held while loading, closing or calling a listener. */
  private final Object lock = new Object();

  private final Deque<HeldRequest> held = new ArrayDeque<>();
  private State state = State.SERVING;
  private ServingModel current;
  private final List<ServingModel> draining = new ArrayList<>();
  private RuntimeStats ofClosedModels = RuntimeStats.NONE;
  private RuntimeInfo info;
  private Thread reloadThread;

  /**
   * @param first what {@code supply} opened; this runtime closes it
   * @param maxHeld requests that may wait while no model is loaded
   */
  public ReloadableRuntime(ModelRuntime first, ModelSupply supply, int maxHeld) {
    this.supply = supply;
    this.maxHeld = maxHeld;
    this.current = new ServingModel(first);
    this.info = first.info();
    this.ownThread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "falaj-held-" + info.model());
              thread.setDaemon(true);
              return thread;
            });
    ownThread.allowCoreThreadTimeOut(true);
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    ServingModel model;
    synchronized (lock) {
      if (state == State.CLOSED || state == State.FAILED) {
        throw new GenerationException(
            request.requestId(), RuntimeErrorCode.RUNTIME_CLOSED, "the model runtime is closed");
      }
      if (state == State.HOLDING) {
        return hold(request, listener);
      }
      model = current;
      model.enter();
    }
    return model.submit(request, listener);
  }

  /**
   * Replaces the model by what the supply has now; returns when the old one is closed.
   *
   * @throws RuntimeLoadException if the new model cannot be loaded. The old one goes on serving,
   *     unless it had to be closed first; {@link #health()} tells
   * @throws InterruptedException when interrupted, as {@link #close()} does
   */
  public void reload() throws RuntimeLoadException, InterruptedException {
    reloading.lockInterruptibly();
    try {
      synchronized (lock) {
        if (state != State.SERVING) {
          return;
        }
        reloadThread = Thread.currentThread();
      }
      if (supply.fitsBeside()) {
        reloadBeside();
      } else {
        reloadAfterDraining();
      }
    } finally {
      synchronized (lock) {
        reloadThread = null;
      }
      reloading.unlock();
    }
  }

  @Override
  public RuntimeInfo info() {
    synchronized (lock) {
      return info;
    }
  }

  @Override
  public RuntimeStats stats() {
    synchronized (lock) {
      RuntimeStats sum = ofClosedModels.plus(RuntimeStats.ofWaiting(held.size()));
      for (ServingModel model : loadedModels()) {
        sum = sum.plus(model.runtime().stats());
      }
      return sum;
    }
  }

  @Override
  public RuntimeHealth health() {
    ServingModel model;
    synchronized (lock) {
      switch (state) {
        case FAILED:
          return RuntimeHealth.failed("the new model file could not be loaded; the log says why");
        case CLOSED:
          return RuntimeHealth.failed("the runtime was closed");
        case HOLDING:
          return RuntimeHealth.draining(
              held.size() + " requests wait while the model file is replaced");
        default:
          model = current;
      }
    }
    return model.runtime().health();
  }

  /** Also ends a reload that is under way. */
  @Override
  public void close() {
    List<HeldRequest> left;
    List<ServingModel> models;
    synchronized (lock) {
      state = State.CLOSED;
      left = new ArrayList<>(held);
      held.clear();
      models = List.copyOf(loadedModels());
      if (reloadThread != null && reloadThread != Thread.currentThread()) {
        reloadThread.interrupt();
      }
    }
    fail(left, RuntimeErrorCode.RUNTIME_CLOSED, "the model runtime was closed before it began");
    models.forEach(this::closeModel);
    // A reload that was loading closes what it loaded before it lets go.
    reloading.lock();
    reloading.unlock();
    ownThread.shutdown();
  }

  /** All that are loaded. Called with the lock. */
  private Set<ServingModel> loadedModels() {
    Set<ServingModel> models = new LinkedHashSet<>(draining);
    if (current != null) {
      models.add(current);
    }
    return models;
  }

  private void reloadBeside() throws RuntimeLoadException, InterruptedException {
    ModelRuntime next = supply.open();
    Optional<ServingModel> old = maybeSwapTo(next);
    if (old.isEmpty()) {
      next.close();
      return;
    }
    LOG.info("New requests go to {}", next.info());
    old.get().awaitDrained();
    closeModel(old.get());
  }

  /** Returns the model that served until now; empty where the runtime was closed meanwhile. */
  private Optional<ServingModel> maybeSwapTo(ModelRuntime next) {
    synchronized (lock) {
      if (state != State.SERVING) {
        return Optional.empty();
      }
      ServingModel old = current;
      draining.add(old);
      current = new ServingModel(next);
      info = next.info();
      return Optional.of(old);
    }
  }

  private void reloadAfterDraining() throws RuntimeLoadException, InterruptedException {
    ServingModel old;
    synchronized (lock) {
      if (state != State.SERVING) {
        return;
      }
      state = State.HOLDING;
      old = current;
      draining.add(old);
    }
    LOG.info("No memory for a second model: new requests wait until {} is closed", info().model());
    try {
      old.awaitDrained();
    } catch (InterruptedException stopped) {
      synchronized (lock) {
        draining.remove(old);
      }
      release(); // the old model goes on, unless close() interrupted
      throw stopped;
    }
    synchronized (lock) {
      current = null;
    }
    closeModel(old);
    ModelRuntime next = openOrFail();
    boolean wanted;
    synchronized (lock) {
      wanted = state == State.HOLDING;
      if (wanted) {
        current = new ServingModel(next);
        info = next.info();
      }
    }
    if (!wanted) {
      next.close();
      return;
    }
    LOG.info("Requests go to {}", next.info());
    release();
  }

  private ModelRuntime openOrFail() throws RuntimeLoadException {
    RuntimeLoadException failure = null;
    for (int attempt = 1; attempt <= LOAD_ATTEMPTS; attempt++) {
      try {
        return supply.open();
      } catch (RuntimeLoadException e) {
        failure = e;
        LOG.error(
            "Attempt {} of {} to load the new model failed: {}",
            attempt,
            LOAD_ATTEMPTS,
            e.getMessage());
      }
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    List<HeldRequest> left;
    synchronized (lock) {
      if (state == State.HOLDING) {
        state = State.FAILED;
      }
      left = new ArrayList<>(held);
      held.clear();
    }
    fail(left, RuntimeErrorCode.ENGINE_FAILURE, "no model is loaded: " + failure.getMessage());
    throw failure;
  }

  /** Gives what was held to the current model, in order, and then serves again. */
  private void release() {
    while (true) {
      HeldRequest next;
      ServingModel model;
      synchronized (lock) {
        if (state != State.HOLDING) {
          return;
        }
        next = held.poll();
        if (next == null) {
          state = State.SERVING;
          return;
        }
        model = current;
        model.enter();
      }
      next.releaseTo(model);
    }
  }

  /** Called with the lock. */
  private GenerationHandle hold(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    if (held.size() >= maxHeld) {
      held.removeIf(HeldRequest::hasEnded);
    }
    if (held.size() >= maxHeld) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.OVERLOADED,
          "%d requests wait while the model file is replaced; submit again later"
              .formatted(maxHeld));
    }
    HeldRequest waiting = new HeldRequest(request, listener, ownThread);
    held.add(waiting);
    return waiting;
  }

  private void closeModel(ServingModel model) {
    model.runtime().close();
    synchronized (lock) {
      draining.remove(model);
      if (current == model) {
        current = null;
      }
      if (model.countOnce()) {
        ofClosedModels = ofClosedModels.plus(model.runtime().stats().counters());
      }
    }
  }

  private static void fail(List<HeldRequest> requests, RuntimeErrorCode code, String message) {
    requests.forEach(request -> request.fail(code, message));
  }
}
