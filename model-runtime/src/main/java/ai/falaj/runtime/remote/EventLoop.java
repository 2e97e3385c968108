package ai.falaj.runtime.remote;

import ai.falaj.runtime.shared.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The one thread that owns a remote runtime, with timers. Any thread may give it tasks; they run in
 * order. A task that throws breaks an invariant: it is told, and the tasks after it run.
 *
 * <p>It is OPEN, then CLOSING: it takes no more tasks but from itself, runs what it has, forgets
 * its timers and ends.
 */
final class EventLoop implements Executor {

  /** Something that is to happen later. */
  static final class Timer {
    private final Runnable task;
    private final long number;
    private final long atNanos;
    private volatile boolean cancelled;

    private Timer(Runnable task, long atNanos, long number) {
      this.task = task;
      this.atNanos = atNanos;
      this.number = number;
    }

    /** Any thread; does nothing once it has run. */
    void cancel() {
      cancelled = true;
    }
  }

  private final Consumer<RuntimeException> onBroken;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as all that follows. */
  private ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  private ArrayDeque<Runnable> batch = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.<Timer>comparingLong(timer -> timer.atNanos)
              .thenComparingLong(timer -> timer.number));
  private long timerNumbers;
  private boolean closing;

  EventLoop(String name, Consumer<RuntimeException> onBroken) {
    this.onBroken = onBroken;
    thread = new Thread(this::loop, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * @throws RejectedExecutionException after {@link #close}, but in the loop's own thread
   */
  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      if (closing && !isOwner()) {
        throw new RejectedExecutionException(thread.getName() + " is closed");
      }
      tasks.add(task);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Runs a task later, unless it is cancelled or the loop closed before. */
  Timer schedule(Runnable task, long delayNanos) {
    lock.lock();
    try {
      Timer timer = new Timer(task, System.nanoTime() + Math.max(0, delayNanos), timerNumbers++);
      timers.add(timer);
      changed.signal();
      return timer;
    } finally {
      lock.unlock();
    }
  }

  void scheduleEvery(Runnable task, Duration period) {
    schedule(
        () -> {
          scheduleEvery(task, period);
          task.run();
        },
        period.toNanos());
  }

  /** Lets the thread end; waits for that, unless it is the caller. */
  void close() {
    lock.lock();
    try {
      closing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    Threads.awaitEnd(thread);
  }

  private boolean isOwner() {
    return Thread.currentThread() == thread;
  }

  private void loop() {
    while (awaitTasks()) {
      for (Runnable task = batch.poll(); task != null; task = batch.poll()) {
        run(task);
      }
    }
  }

  /** Fills the batch with all that is due; false where nothing will ever be. */
  private boolean awaitTasks() {
    lock.lock();
    try {
      while (true) {
        addDueTimers();
        if (!tasks.isEmpty()) {
          ArrayDeque<Runnable> full = tasks;
          tasks = batch;
          batch = full;
          return true;
        }
        if (closing) {
          return false;
        }
        await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void addDueTimers() {
    if (closing) {
      timers.clear();
    }
    long now = System.nanoTime();
    while (!timers.isEmpty() && (timers.peek().cancelled || timers.peek().atNanos - now <= 0)) {
      Timer timer = timers.poll();
      if (!timer.cancelled) {
        tasks.add(() -> ring(timer));
      }
    }
  }

  private static void ring(Timer timer) {
    if (!timer.cancelled) {
      timer.task.run();
    }
  }

  private void await() {
    try {
      if (timers.isEmpty()) {
        changed.await();
      } else {
        changed.await(timers.peek().atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread; close() ends it.
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException broken) {
      onBroken.accept(broken);
    }
  }
}
