package ai.falaj.runtime.shared;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a model's file every few seconds and asks for a reload when it was replaced.
 *
 * <p>A change counts when the file has looked the same for two looks and its header reads as a
 * whole GGUF file, so that a copy that is under way is not loaded. A reload that fails is not
 * repeated until the file changes again. Polling, because file events do not reach through network
 * file systems, bind mounts and symbolic links, which is where models live.
 *
 * <p>One daemon thread looks and reloads; {@link #close()} may come from any thread.
 */
public final class ModelFileWatcher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelFileWatcher.class);

  /** What is to be done about a new file; on the watcher's thread. */
  @FunctionalInterface
  public interface Reload {
    void run() throws RuntimeLoadException, InterruptedException;
  }

  /** What tells one file from another at the same path. */
  private record Fingerprint(Object key, FileTime modified, long bytes) {}

  private final Path file;
  private final Reload reload;
  private Optional<Fingerprint> loaded;
  private Optional<Fingerprint> candidate = Optional.empty();
  private Thread thread;

  /** Takes the file as it is now for the one that is loaded. */
  public ModelFileWatcher(Path file, Reload reload) {
    this.file = file;
    this.reload = reload;
    this.loaded = fingerprint();
  }

  /** Begins to look. Called once, by the thread that made it. */
  public void start(Duration interval) {
    thread = new Thread(() -> watch(interval), "falaj-model-watch-" + file.getFileName());
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Looks once.
   *
   * @return whether a reload was asked for, whatever came of it
   */
  boolean poll() throws InterruptedException {
    Optional<Fingerprint> now = fingerprint();
    if (now.isEmpty() || now.equals(loaded)) {
      candidate = Optional.empty();
      return false;
    }
    if (!now.equals(candidate)) {
      candidate = now;
      return false;
    }
    if (!isWhole()) {
      return false;
    }
    candidate = Optional.empty();
    loaded = now;
    LOG.info("The model file {} was replaced; it is loaded anew", file);
    try {
      reload.run();
    } catch (RuntimeLoadException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("closed while the new model file was loaded");
      }
      LOG.error("The new model file cannot be loaded; replace it again: {}", e.getMessage());
    }
    return true;
  }

  /** Waits for the thread, unless it is the one that calls. Calling it again does nothing. */
  @Override
  public void close() {
    if (thread == null || thread == Thread.currentThread()) {
      return;
    }
    thread.interrupt();
    Threads.awaitEnd(thread);
  }

  private void watch(Duration interval) {
    try {
      while (true) {
        Thread.sleep(interval.toMillis());
        poll();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Fingerprint> fingerprint() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Fingerprint(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size()));
    } catch (IOException e) {
      return Optional.empty(); // between a removal and its replacement
    }
  }

  private boolean isWhole() {
    try {
      GgufHeader.read(file);
      return true;
    } catch (GgufException e) {
      LOG.debug("{} changed but is no whole model yet", file, e);
      return false;
    }
  }
}
