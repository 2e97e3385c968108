package ai.falaj.runtime.remote;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread that owns a remote runtime, with timers. A task that throws breaks an invariant:
 * it is told, and the tasks after it run. Any thread.
 */
final class EventLoop implements Executor {

  private static final long CLOSE_WAIT_SECONDS = 10;

  private final ScheduledThreadPoolExecutor executor;
  private final Consumer<RuntimeException> onBroken;
  private volatile Thread thread;

  EventLoop(String name, Consumer<RuntimeException> onBroken) {
    this.onBroken = onBroken;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
  }

  /**
   * @throws RejectedExecutionException after {@link #close}
   */
  @Override
  public void execute(Runnable task) {
    executor.execute(() -> run(task));
  }

  /** Runs a task later, unless it is cancelled or the loop closed before. */
  Future<?> schedule(Runnable task, long delayNanos) {
    return executor.schedule(() -> run(task), Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
  }

  void scheduleEvery(Runnable task, Duration period) {
    executor.scheduleWithFixedDelay(
        () -> run(task), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
  }

  boolean isOwner() {
    return Thread.currentThread() == thread;
  }

  /** Ends the thread once it has run what was given to it; waits unless it is the caller. */
  void close() {
    executor.shutdown();
    if (isOwner()) {
      return;
    }
    try {
      executor.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
