package ai.falaj.runtime.testing;

import ai.falaj.runtime.progress.ProgressListener;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a progress listener hears, one line for each call; {@code progressed} as a number. */
public final class RecordingProgress implements ProgressListener {

  public final List<String> events = new CopyOnWriteArrayList<>();
  public final List<Long> progress = new CopyOnWriteArrayList<>();

  @Override
  public void started(String what, OptionalLong totalBytes) {
    events.add("started " + what);
  }

  @Override
  public void progressed(long bytes) {
    progress.add(bytes);
  }

  @Override
  public void finished() {
    events.add("finished");
  }

  @Override
  public void note(String text) {
    events.add("note " + text);
  }

  /** All notes, for assertions. */
  public String notes() {
    return String.join("\n", events.stream().filter(e -> e.startsWith("note ")).toList());
  }
}
