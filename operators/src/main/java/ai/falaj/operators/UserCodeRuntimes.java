package ai.falaj.operators;

import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.function.BiConsumer;

/**
 * Frees runtimes whose classes came with a job. Where Falaj lies in Flink's {@code lib/}, its
 * runtimes outlive jobs and linger. In a job's jar, they would linger in a class loader that Flink
 * closes when the job has left the TaskManager, and could no longer load what closing them needs.
 */
final class UserCodeRuntimes {

  private static final String HOOK = "close the model runtimes of this class loader";

  private UserCodeRuntimes() {}

  /**
   * @param flinks Flink's own class loader
   * @param registerHook registers what Flink runs, once per name, before it closes the job's class
   *     loader
   */
  static void maybeCloseWithClassLoader(
      SharedRuntimes runtimes, ClassLoader flinks, BiConsumer<String, Runnable> registerHook) {
    if (SharedRuntimes.class.getClassLoader() != flinks) {
      registerHook.accept(HOOK, runtimes::close);
    }
  }
}
