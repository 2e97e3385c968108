package ai.falaj.jobs.client;

import java.util.concurrent.CountDownLatch;

/**
 * What a command does when the user presses Ctrl-C: the action runs in a shutdown hook, after which
 * the JVM ends with the signal's own exit code (130). The command's main thread asks {@link
 * #holdIfRaised()} in its loop, so that it neither goes on nor reports errors of what is being
 * taken away from it.
 *
 * <p>A {@code System.exit} of other code counts as an interrupt too. {@link #close()} ends it: the
 * command is through.
 */
public final class Interrupt implements AutoCloseable {

  private final Thread hook;
  private volatile boolean raised;

  private Interrupt(Runnable action) {
    hook =
        new Thread(
            () -> {
              raised = true;
              action.run();
            },
            "falaj-interrupt");
  }

  /** Runs the action, once, if the JVM is told to end before {@link #close()}. */
  public static Interrupt onRaised(Runnable action) {
    Interrupt interrupt = new Interrupt(action);
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  /** Waits for the end of the JVM if it is about to end. */
  public void holdIfRaised() throws InterruptedException {
    if (raised) {
      new CountDownLatch(1).await();
    }
  }

  /** Waits for the end of the JVM: for commands that have nothing to do but to be there. */
  public void await() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  @Override
  public void close() {
    if (raised) {
      return; // The hook runs; what it needs goes with the JVM.
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // The JVM began to end just now.
    }
  }
}
