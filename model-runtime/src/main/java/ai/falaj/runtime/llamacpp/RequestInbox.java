package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What other threads want of the decode thread, in order, and how many requests wait.
 *
 * <p>{@link #submit}, {@link #cancel}, {@link #stop}, {@link #isOpen} and {@link #waiting} may be
 * called from any thread; everything else belongs to the decode thread. After {@link #close}
 * nothing comes in any more, and nothing that came in was lost.
 */
final class RequestInbox {

  /** Who does what was wanted. Confined to the decode thread. */
  interface Receiver {
    void onSubmit(Generation generation);

    void onCancel(long generationId);

    void onStop();
  }

  private interface Command {
    void tell(Receiver receiver);
  }

  private record Submit(Generation generation) implements Command {
    @Override
    public void tell(Receiver receiver) {
      receiver.onSubmit(generation);
    }
  }

  private final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final int maxWaiting;

  /** Guards the hand-over between those who send and {@link #close}. */
  private final Object closeLock = new Object();

  private boolean closed;

  /**
   * @param maxWaiting requests that may wait
   */
  RequestInbox(int maxWaiting) {
    this.maxWaiting = maxWaiting;
  }

  /**
   * @throws GenerationException if the runtime is closed, or too many requests wait
   */
  void submit(Generation generation) throws GenerationException {
    String requestId = generation.request().requestId();
    synchronized (closeLock) {
      if (closed) {
        throw new GenerationException(
            requestId, RuntimeErrorCode.RUNTIME_CLOSED, "the model runtime is closed");
      }
      if (waiting.get() >= maxWaiting) {
        throw new GenerationException(
            requestId,
            RuntimeErrorCode.OVERLOADED,
            "%d requests wait for the model already; submit again later".formatted(maxWaiting));
      }
      waiting.incrementAndGet();
      commands.add(new Submit(generation));
    }
  }

  void cancel(long generationId) {
    addIfOpen(receiver -> receiver.onCancel(generationId));
  }

  void stop() {
    addIfOpen(Receiver::onStop);
  }

  /** Nobody will be told once the inbox is closed, so nothing is kept for them. */
  private void addIfOpen(Command command) {
    synchronized (closeLock) {
      if (!closed) {
        commands.add(command);
      }
    }
  }

  boolean isOpen() {
    synchronized (closeLock) {
      return !closed;
    }
  }

  /** Requests that were submitted and are neither begun nor over. */
  int waiting() {
    return waiting.get();
  }

  /** A request waits no longer. */
  void leftQueue() {
    waiting.decrementAndGet();
  }

  /** Tells the receiver everything that is there. */
  void deliver(Receiver receiver) {
    Command command = commands.poll();
    while (command != null) {
      command.tell(receiver);
      command = commands.poll();
    }
  }

  /** Sleeps until something is there, or for so long, then tells the receiver everything. */
  void await(Receiver receiver, long timeoutMs) {
    try {
      Command command = commands.poll(timeoutMs, TimeUnit.MILLISECONDS);
      if (command != null) {
        command.tell(receiver);
      }
    } catch (InterruptedException e) {
      // Only the decode thread's owner interrupts it, and it does so to stop it.
      Thread.currentThread().interrupt();
      receiver.onStop();
    }
    deliver(receiver);
  }

  /**
   * Takes nothing any more.
   *
   * @return requests that nobody was told of
   */
  List<Generation> close() {
    List<Command> rest = new ArrayList<>();
    synchronized (closeLock) {
      closed = true;
      commands.drainTo(rest);
      waiting.set(0);
    }
    List<Generation> left = new ArrayList<>();
    for (Command command : rest) {
      if (command instanceof Submit submit) {
        left.add(submit.generation());
      }
    }
    return left;
  }
}
