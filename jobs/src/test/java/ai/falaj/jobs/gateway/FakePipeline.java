package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.PromptRequest;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Topics and job of a test, which says itself what becomes of a prompt. Any thread. */
final class FakePipeline implements Prompts, Results {

  private static final long LIMIT_S = 20;

  private final Map<String, ResultListener> waiting = new ConcurrentHashMap<>();
  private final BlockingQueue<PromptRequest> sent = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
  private volatile WebException sendFailure;
  private volatile boolean reading = true;

  void failSending(WebException failure) {
    sendFailure = failure;
  }

  void stopReading() {
    reading = false;
  }

  /** The next prompt. */
  PromptRequest awaitPrompt() throws InterruptedException {
    return present(sent.poll(LIMIT_S, TimeUnit.SECONDS), "prompt");
  }

  /** The next request that was cancelled. */
  String awaitCancelled() throws InterruptedException {
    return present(cancelled.poll(LIMIT_S, TimeUnit.SECONDS), "cancellation");
  }

  private static <T> T present(T value, String name) {
    if (value == null) {
      throw new AssertionError("no " + name + " within " + LIMIT_S + " s");
    }
    return value;
  }

  BlockingQueue<String> cancelled() {
    return cancelled;
  }

  /** Who waits for that prompt. */
  ResultListener listener(PromptRequest prompt) {
    return present(waiting.get(prompt.getRequestId()), "listener");
  }

  int waiting() {
    return waiting.size();
  }

  @Override
  public CompletableFuture<?> send(PromptRequest prompt) {
    if (sendFailure != null) {
      return CompletableFuture.failedFuture(sendFailure);
    }
    sent.add(prompt);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<?> cancel(String requestId) {
    cancelled.add(requestId);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void register(String requestId, ResultListener listener) {
    waiting.put(requestId, listener);
  }

  @Override
  public void remove(String requestId) {
    waiting.remove(requestId);
  }

  @Override
  public boolean isReading() {
    return reading;
  }
}
