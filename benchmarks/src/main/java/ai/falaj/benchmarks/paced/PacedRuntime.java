package ai.falaj.benchmarks.paced;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.shared.Threads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * An engine that writes one token per running request and step, as many as the request allows, and
 * keeps nothing of a request that ended. Of the parameters it follows {@code max_tokens} alone; it
 * refuses more than one sample. It goes on with interrupted generations of its own.
 *
 * <p>Any thread may submit. Requests run, and listeners are told, in the runtime's one thread; like
 * a real engine it tells the tokens of all sequences of a step one right after the other. A step
 * that comes late is not made up for.
 */
public final class PacedRuntime implements ModelRuntime {

  private static final int MAX_WAITING = 100_000;

  private final PacedSpec spec;
  private final RuntimeInfo info;
  private final Thread thread;

  /** Its monitor also guards {@link #closed}. */
  private final Deque<PacedGeneration> waiting = new ArrayDeque<>();

  private boolean closed;

  /** Confined to the thread. */
  private final List<PacedGeneration> running = new ArrayList<>();

  private volatile RuntimeStats stats = RuntimeStats.NONE;

  PacedRuntime(PacedSpec spec) {
    this.spec = spec;
    this.info = spec.info();
    this.thread = new Thread(this::run, "falaj-paced-runtime");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    if (request.samples() > 1) {
      throw new IllegalArgumentException("n is " + request.samples() + "; this engine makes one");
    }
    PacedGeneration generation = new PacedGeneration(spec, request, listener);
    synchronized (waiting) {
      if (closed) {
        throw new GenerationException(
            request.requestId(), RuntimeErrorCode.RUNTIME_CLOSED, "the runtime is closed");
      }
      if (waiting.size() >= MAX_WAITING) {
        throw new GenerationException(
            request.requestId(), RuntimeErrorCode.OVERLOADED, MAX_WAITING + " requests wait");
      }
      waiting.add(generation);
      waiting.notifyAll();
    }
    return generation;
  }

  @Override
  public RuntimeInfo info() {
    return info;
  }

  /** The KV usage is that of the running requests' own tokens; their prompts count nothing. */
  @Override
  public RuntimeStats stats() {
    return stats;
  }

  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.notifyAll();
    }
    LockSupport.unpark(thread);
    Threads.awaitEnd(thread);
  }

  private void run() {
    long nextStepNanos = System.nanoTime();
    while (awaitWork()) {
      step();
      long now = System.nanoTime();
      nextStepNanos = Math.max(now, nextStepNanos + spec.step().toNanos());
      while (nextStepNanos - now > 0 && !isClosed()) {
        LockSupport.parkNanos(nextStepNanos - now);
        now = System.nanoTime();
      }
    }
    running.forEach(PacedGeneration::close);
    synchronized (waiting) {
      waiting.forEach(PacedGeneration::close);
      waiting.clear();
    }
  }

  /** Takes what there is room for, and waits where there is nothing; false once it is closed. */
  private boolean awaitWork() {
    List<PacedGeneration> starting = new ArrayList<>();
    synchronized (waiting) {
      while (!closed && running.isEmpty() && waiting.isEmpty()) {
        try {
          waiting.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      while (!waiting.isEmpty() && running.size() + starting.size() < spec.maxSequences()) {
        starting.add(waiting.remove());
      }
      if (closed) {
        waiting.addAll(starting);
        return false;
      }
    }
    starting.forEach(PacedGeneration::start);
    running.addAll(starting);
    return true;
  }

  private void step() {
    int stepped = running.size();
    long finished = stats.requestsFinished();
    running.removeIf(PacedGeneration::step);
    finished += stepped - running.size();
    long held = running.stream().mapToLong(PacedGeneration::tokens).sum();
    RuntimeStats last = stats;
    stats =
        new RuntimeStats(
            waitingCount(),
            running.size(),
            (double) held / ((long) spec.maxSequences() * spec.contextTokens()),
            0,
            last.generationTokens() + stepped,
            0,
            0,
            finished,
            0,
            last.steps() + 1,
            last.stepSequences() + stepped,
            0,
            0,
            0,
            0,
            0);
  }

  private int waitingCount() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private boolean isClosed() {
    synchronized (waiting) {
      return closed;
    }
  }
}
