package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import java.util.Locale;

/** Says which steps are done, each with its time. Any thread. */
final class Checklist {

  private final Console console;

  Checklist(Console console) {
    this.console = console;
  }

  /** A step that may fail. */
  interface Step<T, E extends Exception> {
    T run() throws E;
  }

  /** Takes the step and says so when it is done; a failed one is marked and flies on. */
  <T, E extends Exception> T step(String name, Step<T, E> step) throws E {
    long startedNanos = System.nanoTime();
    boolean done = false;
    try {
      T result = step.run();
      done = true;
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      done(String.format(Locale.ROOT, "%s (%.1f s)", name, seconds));
      return result;
    } finally {
      if (!done) {
        console.note(console.styled(Style.RED, "✗ ") + name);
      }
    }
  }

  /** Says that something is done. */
  void done(String line) {
    console.note(console.styled(Style.GREEN, "✓ ") + line);
  }
}
