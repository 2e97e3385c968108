package ai.falaj.runtime.testing;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.shared.Threads;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A runtime without a model. Its answer is the prompt's last message after {@code You said:}, one
 * word per token, so that the same request always has the same answer, whatever else runs; samples
 * that are not greedy end with their seed. It keeps the contract of {@link GenerationListener},
 * batches like a real runtime (one token per running sample and step; samples without a sequence
 * wait for one), goes on with an interrupted generation, follows choices and {@code json_object},
 * calls tools (a last message {@code call add {"a":1}; sub {"a":2}} ends with these two calls where
 * the request has any tools), and fails or hangs where its {@link FakeRuntimeSpec} says so.
 *
 * <p>A step is taken by the runtime's thread or by the test with {@link #step()}; listeners are
 * called in a step or in {@link #close()}, never under the lock that {@link #submit} takes. Any
 * thread, but steps come from one thread at a time.
 */
public final class FakeRuntime implements ModelRuntime {

  /** What a fake runtime calls the checksum of its model. */
  public static final String SHA256 = "0".repeat(64);

  private final FakeRuntimeSpec spec;
  private final LongSupplier clockMs;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition workArrived = lock.newCondition();
  private final List<FakeGeneration> waiting = new ArrayList<>();
  private final List<FakeGeneration> running = new ArrayList<>();
  private final Map<String, Integer> submissions = new HashMap<>();
  private final List<GenerationRequest> received = new ArrayList<>();
  private int maxRunning;
  private int maxInRuntime;
  private boolean closed;

  /** One step at a time: listeners hear of their request in order. */
  private final ReentrantLock stepping = new ReentrantLock();

  private volatile RuntimeStats stats = RuntimeStats.NONE;

  public FakeRuntime(FakeRuntimeSpec spec) {
    this(spec, System::currentTimeMillis);
  }

  /**
   * @param clockMs milliseconds since the epoch; decides deadlines and timings
   */
  public FakeRuntime(FakeRuntimeSpec spec, LongSupplier clockMs) {
    this.spec = spec;
    this.clockMs = clockMs;
    if (spec.driver() == FakeRuntimeSpec.Driver.THREAD) {
      thread = new Thread(this::runSteps, "falaj-fake-runtime-" + spec.model());
      thread.setDaemon(true);
      thread.start();
    } else {
      thread = null;
    }
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    lock.lock();
    try {
      if (closed) {
        throw new GenerationException(
            request.requestId(),
            RuntimeErrorCode.RUNTIME_CLOSED,
            "the runtime of model " + spec.model() + " is closed");
      }
      if (waiting.size() >= spec.maxWaiting() + freeSequences()) {
        throw new GenerationException(
            request.requestId(),
            RuntimeErrorCode.OVERLOADED,
            waiting.size() + " requests are waiting; submit again later");
      }
      int submission = submissions.merge(request.requestId(), 1, Integer::sum);
      received.add(request);
      FakeGeneration generation =
          new FakeGeneration(spec, request, submission, listener, clockMs, this::signalWork);
      waiting.add(generation);
      int unfinished = (int) running.stream().filter(running -> !running.ended()).count();
      maxInRuntime = Math.max(maxInRuntime, waiting.size() + unfinished);
      workArrived.signalAll();
      return generation;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes one step: starts waiting requests where sequences are free, then generates one token of
   * each running request. Returns whether anything is left to do.
   */
  public boolean step() {
    stepping.lock();
    try {
      List<FakeGeneration> batch = admit();
      int tokensBefore = batch.stream().mapToInt(FakeGeneration::tokens).sum();
      List<FakeGeneration> waited = batch.stream().filter(one -> !one.isStarted()).toList();
      batch.forEach(FakeGeneration::step);
      int tokens = batch.stream().mapToInt(FakeGeneration::tokens).sum() - tokensBefore;
      int resumed =
          waited.stream()
              .filter(FakeGeneration::isStarted)
              .mapToInt(FakeGeneration::givenTokens)
              .sum();
      return retire(batch, tokens, resumed);
    } finally {
      stepping.unlock();
    }
  }

  /** Takes steps until nothing is left to do. */
  public void runUntilIdle() {
    while (step()) {
      Thread.onSpinWait();
    }
  }

  /** Everything that was ever accepted, in order. */
  public List<GenerationRequest> received() {
    lock.lock();
    try {
      return List.copyOf(received);
    } finally {
      lock.unlock();
    }
  }

  /** Most requests that ever ran at once. */
  public int maxRunning() {
    lock.lock();
    try {
      return maxRunning;
    } finally {
      lock.unlock();
    }
  }

  /** Most requests that were ever in the runtime and had not ended, waiting ones included. */
  public int maxInRuntime() {
    lock.lock();
    try {
      return maxInRuntime;
    } finally {
      lock.unlock();
    }
  }

  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public RuntimeInfo info() {
    return new RuntimeInfo(
        spec.model(),
        Optional.of(SHA256),
        "fake",
        "1",
        Optional.of("F0"),
        spec.maxSequences(),
        spec.contextTokens(),
        0);
  }

  @Override
  public RuntimeStats stats() {
    return stats;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      workArrived.signalAll();
    } finally {
      lock.unlock();
    }
    if (thread != null && thread != Thread.currentThread()) {
      Threads.awaitEnd(thread);
    }
    stepping.lock();
    try {
      List<FakeGeneration> left = new ArrayList<>();
      lock.lock();
      try {
        left.addAll(running);
        left.addAll(waiting);
      } finally {
        lock.unlock();
      }
      left.forEach(
          generation ->
              generation.fail(
                  RuntimeErrorCode.RUNTIME_CLOSED, "the runtime was closed before the end"));
      retire(left, 0, 0);
    } finally {
      stepping.unlock();
    }
  }

  private void runSteps() {
    try {
      while (awaitWork()) {
        step();
        if (!spec.stepDelay().isZero()) {
          TimeUnit.NANOSECONDS.sleep(spec.stepDelay().toNanos());
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for something to do; false once the runtime is closed. */
  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && !hasWork()) {
        workArrived.await();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock. */
  private boolean hasWork() {
    return running.stream().anyMatch(generation -> !generation.isHanging())
        || (freeSequences() > 0 && !waiting.isEmpty())
        || waiting.stream().anyMatch(FakeGeneration::endsBeforeStart);
  }

  /** Called with the lock. */
  private int freeSequences() {
    int wanted = running.stream().mapToInt(FakeGeneration::unfinished).sum();
    return Math.max(0, spec.maxSequences() - wanted);
  }

  private void signalWork() {
    lock.lock();
    try {
      workArrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private List<FakeGeneration> admit() {
    lock.lock();
    try {
      waiting.sort(Comparator.comparing(FakeGeneration::priority).reversed());
      int free = spec.maxSequences();
      for (FakeGeneration generation : running) {
        free -= generation.grant(free);
      }
      List<FakeGeneration> refused = new ArrayList<>();
      Iterator<FakeGeneration> next = waiting.iterator();
      while (next.hasNext()) {
        FakeGeneration generation = next.next();
        if (generation.endsBeforeStart()) {
          refused.add(generation);
          next.remove();
        } else if (free > 0) {
          free -= generation.grant(free);
          running.add(generation);
          next.remove();
        }
      }
      maxRunning = Math.max(maxRunning, running.size());
      List<FakeGeneration> batch = new ArrayList<>(running);
      batch.addAll(refused);
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private boolean retire(List<FakeGeneration> batch, int tokens, int resumed) {
    lock.lock();
    try {
      running.removeIf(FakeGeneration::ended);
      waiting.removeIf(FakeGeneration::ended);
      RuntimeStats last = stats;
      stats =
          new RuntimeStats(
              waiting.size(),
              running.size(),
              1 - (double) freeSequences() / spec.maxSequences(),
              last.promptTokens()
                  + batch.stream().mapToInt(FakeGeneration::promptTokensOfFirstStep).sum(),
              last.generationTokens() + tokens,
              0,
              0,
              last.requestsFinished() + batch.stream().filter(FakeGeneration::hasResult).count(),
              last.requestsFailed()
                  + batch.stream().filter(g -> g.ended() && !g.hasResult()).count(),
              last.steps() + (batch.isEmpty() ? 0 : 1),
              last.stepSequences() + batch.size(),
              last.stepTimeNanos(),
              0,
              0,
              0,
              last.resumedTokens() + resumed);
      return hasWork();
    } finally {
      lock.unlock();
    }
  }
}
