package ai.falaj.benchmarks.fairness;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.TokenDelta;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * A tenant that always has the same number of requests in the runtime: whenever one ends, it
 * submits another, from the runtime's thread. {@link #close()} cancels those that are left and
 * waits for them. Confined to one thread.
 */
final class Crowd implements AutoCloseable {

  private static final long NEWS_LIMIT_MS = 100;

  private final ModelRuntime runtime;
  private final LongFunction<GenerationRequest> requests;
  private final Consumer<TokenDelta> onTokens;

  /** By number of the request. Guards nothing: each number is put and removed once. */
  private final Map<Long, GenerationHandle> open = new ConcurrentHashMap<>();

  private final AtomicReference<Exception> failure = new AtomicReference<>();

  /** Guarded by {@code this}. */
  private long submitted;

  private long ended;
  private boolean closing;

  private Crowd(
      ModelRuntime runtime,
      LongFunction<GenerationRequest> requests,
      Consumer<TokenDelta> onTokens) {
    this.runtime = runtime;
    this.requests = requests;
    this.onTokens = onTokens;
  }

  /**
   * Submits the first requests.
   *
   * @param requests by their number
   * @param onTokens called by the runtime's thread
   * @throws BenchmarkException if the runtime refuses one
   */
  static Crowd of(
      ModelRuntime runtime,
      int size,
      LongFunction<GenerationRequest> requests,
      Consumer<TokenDelta> onTokens)
      throws BenchmarkException {
    Crowd crowd = new Crowd(runtime, requests, onTokens);
    for (int index = 0; index < size; index++) {
      crowd.submitNext();
    }
    crowd.requireHealthy();
    return crowd;
  }

  /**
   * @throws BenchmarkException if a request failed or was refused
   */
  void requireHealthy() throws BenchmarkException {
    if (failure.get() != null) {
      throw new BenchmarkException(failure.get().getMessage(), failure.get());
    }
  }

  /** Cancels what is left and waits until it has ended. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    boolean interrupted = false;
    while (!hasEnded()) {
      open.values().forEach(GenerationHandle::cancel);
      interrupted |= awaitNews();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean hasEnded() {
    return ended == submitted;
  }

  /** Waits for an end, for a while; tells whether it was interrupted instead. */
  private synchronized boolean awaitNews() {
    try {
      if (ended < submitted) {
        wait(NEWS_LIMIT_MS);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void submitNext() {
    long number;
    synchronized (this) {
      if (closing || failure.get() != null) {
        return;
      }
      number = submitted++;
    }
    Member member = new Member(number);
    try {
      GenerationHandle handle = runtime.submit(requests.apply(number), member);
      open.put(number, handle);
      if (member.hasEnded) {
        open.remove(number);
      }
    } catch (GenerationException e) {
      member.failed(e);
    }
  }

  private void ended(long number) {
    open.remove(number);
    synchronized (this) {
      ended++;
      notifyAll();
    }
    submitNext();
  }

  private final class Member implements GenerationListener {
    private final long number;
    private volatile boolean hasEnded;

    Member(long number) {
      this.number = number;
    }

    @Override
    public void onTokens(TokenDelta delta) {
      onTokens.accept(delta);
    }

    @Override
    public void onFinished(GenerationResult result) {
      hasEnded = true;
      if (result.finishReason() != FinishReason.LENGTH
          && result.finishReason() != FinishReason.CANCELLED) {
        failure.compareAndSet(
            null, new BenchmarkException("a request ended with " + result.finishReason()));
      }
      ended(number);
    }

    @Override
    public void onFailed(GenerationException cause) {
      failed(cause);
    }

    void failed(GenerationException cause) {
      hasEnded = true;
      failure.compareAndSet(null, cause);
      ended(number);
    }
  }
}
