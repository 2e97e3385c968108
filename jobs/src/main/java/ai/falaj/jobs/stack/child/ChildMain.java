package ai.falaj.jobs.stack.child;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/**
 * Main class of a child process: runs another main class and ends the process when its parent is
 * gone.
 *
 * <p>The parent holds the write end of the pipe on this process's standard input and never writes.
 * End of stream means that the parent closed it, to stop this child, or died, in whatever way: the
 * kernel closes the pipe even after kill -9. The child then exits in good order (shutdown hooks
 * run), and is halted when that takes longer than {@link #EXIT_GRACE_MS}.
 */
public final class ChildMain {

  private static final long EXIT_GRACE_MS = 10_000;

  private ChildMain() {}

  /**
   * Runs {@code args[0]}'s main method with the other arguments.
   *
   * @throws Throwable whatever that main method throws
   */
  public static void main(String[] args) throws Throwable {
    startDaemon("parent-watch", ChildMain::exitAtEndOfInput);
    Class<?> main = Class.forName(args[0]);
    MethodHandle entry =
        MethodHandles.publicLookup()
            .findStatic(main, "main", MethodType.methodType(void.class, String[].class));
    entry.invokeExact(Arrays.copyOfRange(args, 1, args.length));
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // The parent never writes; whatever comes is of no meaning.
      }
    } catch (IOException e) {
      System.err.println("standard input is broken, taken for its end: " + e);
    }
    startDaemon("exit-deadline", ChildMain::haltAfterGrace);
    System.exit(0);
  }

  private static void haltAfterGrace() {
    try {
      Thread.sleep(EXIT_GRACE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  private static void startDaemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }
}
