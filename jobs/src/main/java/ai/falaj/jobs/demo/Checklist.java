package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import java.util.Locale;
import java.util.Optional;

/**
 * Says which steps are done, each with its time, and on a terminal which one is being taken. One
 * step at a time; things may be said to be done beside it. Any thread.
 */
final class Checklist {

  private static final String ERASE_LINE = "\r\u001b[K";

  private final Console console;
  private Optional<String> current = Optional.empty();

  Checklist(Console console) {
    this.console = console;
  }

  /** Begins a step, which fails unless it is said to be done before it is closed. */
  Step begin(String name) {
    Step step = new Step(name);
    changeCurrent(Optional.of(name));
    return step;
  }

  /** Says that something is done. */
  void done(String line) {
    say(console.styled(Style.GREEN, "✓ ") + line);
  }

  private synchronized void say(String line) {
    erase();
    console.note(line);
    draw();
  }

  private synchronized void changeCurrent(Optional<String> name) {
    erase();
    current = name;
    draw();
  }

  private boolean isLive() {
    return console.terminal().outputIsTerminal() && !console.isJson();
  }

  private void erase() {
    if (isLive() && current.isPresent()) {
      console.stream(ERASE_LINE);
    }
  }

  private void draw() {
    if (isLive() && current.isPresent()) {
      console.stream(console.styled(Style.DIM, "· " + current.get() + " ..."));
    }
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
      changeCurrent(Optional.empty());
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      Checklist.this.done(String.format(Locale.ROOT, "%s (%.1f s)", name, seconds));
    }

    @Override
    public void close() {
      if (!done) {
        changeCurrent(Optional.empty());
        say(console.styled(Style.RED, "✗ ") + name);
      }
    }
  }
}
