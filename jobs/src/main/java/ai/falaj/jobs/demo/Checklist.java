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

  /** Begins a step, which fails unless it is said to be done before it is closed. */
  Step begin(String name) {
    return new Step(name);
  }

  /** Says that something is done. */
  void done(String line) {
    console.note(console.styled(Style.GREEN, "✓ ") + line);
  }

  /** One step that was begun. Confined to one thread. */
  final class Step implements AutoCloseable {
    private final String name;
    private final long startedNanos = System.nanoTime();
    private boolean done;

    private Step(String name) {
      this.name = name;
    }

    void done() {
      done = true;
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      Checklist.this.done(String.format(Locale.ROOT, "%s (%.1f s)", name, seconds));
    }

    @Override
    public void close() {
      if (!done) {
        console.note(console.styled(Style.RED, "✗ ") + name);
      }
    }
  }
}
