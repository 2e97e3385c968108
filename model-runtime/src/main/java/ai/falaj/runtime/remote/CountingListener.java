package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.TokenDelta;

/** Passes everything on, and notes the end first. On the runtime's thread. */
final class CountingListener implements GenerationListener {

  private final GenerationListener listener;
  private final Runnable onEnd;

  CountingListener(GenerationListener listener, Runnable onEnd) {
    this.listener = listener;
    this.onEnd = onEnd;
  }

  @Override
  public void onServedBy(RuntimeInfo model) {
    listener.onServedBy(model);
  }

  @Override
  public void onStarted() {
    listener.onStarted();
  }

  @Override
  public void onTokens(TokenDelta delta) {
    listener.onTokens(delta);
  }

  @Override
  public void onFinished(GenerationResult result) {
    onEnd.run();
    listener.onFinished(result);
  }

  @Override
  public void onFailed(GenerationException failure) {
    onEnd.run();
    listener.onFailed(failure);
  }
}
