package ai.falaj.runtime.shared;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;

/**
 * One of the models that a {@link ReloadableRuntime} serves with, and how many of its requests have
 * not ended. A request is counted by {@link #enter} before it is submitted, so that a model without
 * requests that nobody can enter any more is safe to close. Any thread.
 */
final class ServingModel {

  private final ModelRuntime runtime;
  private int inFlight;
  private boolean counted;

  ServingModel(ModelRuntime runtime) {
    this.runtime = runtime;
  }

  ModelRuntime runtime() {
    return runtime;
  }

  /** The caller submits or leaves. */
  synchronized void enter() {
    inFlight++;
  }

  /** Submits a request that was counted; it leaves when it ends, or at once when it is refused. */
  GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    boolean accepted = false;
    try {
      GenerationHandle handle = runtime.submit(request, new Counted(listener));
      accepted = true;
      return handle;
    } finally {
      if (!accepted) {
        leave();
      }
    }
  }

  /** Waits until every request has ended. */
  synchronized void awaitDrained() throws InterruptedException {
    while (inFlight > 0) {
      wait();
    }
  }

  /** True for the first caller, who adds its counters to those of the models before it. */
  synchronized boolean countOnce() {
    boolean first = !counted;
    counted = true;
    return first;
  }

  /** A request that was counted has ended, or was never submitted. */
  synchronized void leave() {
    inFlight--;
    notifyAll();
  }

  /** Tells which model answered, and leaves at the end whatever the listener does. */
  private final class Counted implements GenerationListener {
    private final GenerationListener listener;

    Counted(GenerationListener listener) {
      this.listener = listener;
    }

    @Override
    public void onServedBy(RuntimeInfo model) {
      listener.onServedBy(model);
    }

    @Override
    public void onStarted() {
      listener.onServedBy(runtime.info());
      listener.onStarted();
    }

    @Override
    public void onTokens(TokenDelta delta) {
      listener.onTokens(delta);
    }

    @Override
    public void onFinished(GenerationResult result) {
      try {
        listener.onFinished(result.servedBy(runtime.info()));
      } finally {
        leave();
      }
    }

    @Override
    public void onFailed(GenerationException failure) {
      try {
        listener.onFailed(failure);
      } finally {
        leave();
      }
    }
  }
}
