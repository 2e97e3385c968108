package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps what it hears and checks the order of calls. Any thread. */
public final class RecordingListener implements GenerationListener {

  private final List<Integer> tokens = new ArrayList<>();
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<String> violations = new ArrayList<>();
  private final CountDownLatch firstTokens = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private boolean started;
  private GenerationResult result;
  private GenerationException failure;

  @Override
  public synchronized void onStarted() {
    check("onStarted", !started && tokens.isEmpty());
    started = true;
  }

  @Override
  public synchronized void onTokens(TokenDelta delta) {
    check("onTokens", started);
    tokens.addAll(delta.tokens());
    for (TextSegment segment : delta.text()) {
      (segment.channel() == Channel.ANSWER ? answer : reasoning).append(segment.text());
    }
    firstTokens.countDown();
  }

  @Override
  public synchronized void onFinished(GenerationResult result) {
    check("onFinished", true);
    this.result = result;
    end.countDown();
  }

  @Override
  public synchronized void onFailed(GenerationException failure) {
    check("onFailed", true);
    this.failure = failure;
    end.countDown();
  }

  private void check(String call, boolean allowed) {
    if (!allowed || result != null || failure != null) {
      violations.add(call + " after started=" + started + ", tokens=" + tokens.size());
    }
  }

  public void awaitFirstTokens() throws InterruptedException {
    if (!firstTokens.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("no token came within 60 s");
    }
  }

  public RecordingListener awaitEnd() throws InterruptedException {
    if (!end.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the request did not end within 60 s");
    }
    return this;
  }

  public synchronized List<Integer> tokens() {
    return List.copyOf(tokens);
  }

  public synchronized String answer() {
    return answer.toString();
  }

  public synchronized String reasoning() {
    return reasoning.toString();
  }

  /** Calls that broke the listener's contract. */
  public synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  public synchronized boolean ended() {
    return result != null || failure != null;
  }

  public synchronized GenerationResult result() {
    if (result == null) {
      throw new AssertionError("no result; failure: " + failure);
    }
    return result;
  }

  public synchronized GenerationException failure() {
    if (failure == null) {
      throw new AssertionError("no failure; result: " + result);
    }
    return failure;
  }
}
