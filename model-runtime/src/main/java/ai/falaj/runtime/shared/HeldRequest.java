package ai.falaj.runtime.shared;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.GenerationResult.Timings;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A request that waits while no model is loaded. It is HELD, then either RELEASED to a model or
 * ENDED: cancelled, or failed because no model came. Any thread.
 */
final class HeldRequest implements GenerationHandle {

  private final GenerationRequest request;
  private final GenerationListener listener;
  private final Executor ownThread;
  private final long heldNanos = System.nanoTime();
  private boolean ended;
  private boolean releasing;
  private GenerationHandle released;
  private boolean cancelWhenReleased;

  /**
   * @param ownThread where the listener hears of a request that ends while it is held
   */
  HeldRequest(GenerationRequest request, GenerationListener listener, Executor ownThread) {
    this.request = request;
    this.listener = listener;
    this.ownThread = ownThread;
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public void cancel() {
    GenerationHandle handle;
    synchronized (this) {
      if (ended) {
        return;
      }
      if (releasing) {
        cancelWhenReleased = true;
      } else {
        ended = true;
        ownThread.execute(() -> listener.onFinished(cancelled()));
      }
      handle = released;
    }
    if (handle != null) {
      handle.cancel();
    }
  }

  synchronized boolean hasEnded() {
    return ended;
  }

  /** Hands it to a model that it was counted for; one that ended before leaves it again. */
  void releaseTo(ServingModel model) {
    synchronized (this) {
      releasing = !ended;
    }
    if (!releasing) {
      model.leave();
      return;
    }
    GenerationHandle handle;
    try {
      handle = model.submit(request, listener);
    } catch (GenerationException refused) {
      listener.onFailed(refused);
      return;
    }
    boolean cancel;
    synchronized (this) {
      released = handle;
      cancel = cancelWhenReleased;
    }
    if (cancel) {
      handle.cancel();
    }
  }

  /** No model came. */
  void fail(RuntimeErrorCode code, String message) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    ownThread.execute(() -> listener.onFailed(new GenerationException(requestId(), code, message)));
  }

  /** Nothing was computed for it. */
  private GenerationResult cancelled() {
    Sample nothing = new Sample("", "", FinishReason.CANCELLED, 0, 0, List.of());
    long heldMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heldNanos);
    return new GenerationResult(
        Collections.nCopies(request.samples(), nothing),
        new Usage(0, 0, 0, 0),
        new Timings(heldMs, heldMs, heldMs),
        request.sampling().seed().orElse(0),
        request.sampling().maxTokens().orElse(0));
  }
}
