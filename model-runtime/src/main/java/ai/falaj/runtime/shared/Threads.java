package ai.falaj.runtime.shared;

/** Waiting for threads. Stateless. */
public final class Threads {

  private Threads() {}

  /**
   * Waits until a thread has ended, even when interrupted: what it owns must not outlive a close.
   * An interruption is kept for the caller. Returns at once where the thread itself calls.
   */
  public static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
