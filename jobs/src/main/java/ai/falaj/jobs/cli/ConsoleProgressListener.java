package ai.falaj.jobs.cli;

import ai.falaj.runtime.progress.ProgressListener;
import java.util.OptionalLong;

/**
 * Shows downloads and installations as progress bars. Confined to the thread that does the work.
 */
public final class ConsoleProgressListener implements ProgressListener {

  private final Console console;
  private ProgressBar bar;
  private OptionalLong total = OptionalLong.empty();

  public ConsoleProgressListener(Console console) {
    this.console = console;
  }

  @Override
  public void started(String what, OptionalLong totalBytes) {
    endBar();
    total = totalBytes;
    bar = console.progress(what, ProgressBar.Unit.BYTES);
  }

  @Override
  public void progressed(long bytes) {
    if (bar != null) {
      bar.update(bytes, total);
    }
  }

  @Override
  public void finished() {
    endBar();
  }

  @Override
  public void note(String text) {
    endBar();
    console.note(text);
  }

  private void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
