package ai.falaj.runtime.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * Closes a stream that has brought nothing for some time, so that its reader, blocked until then,
 * gets an end or an error. Java's HTTP client has a timeout for the headers only. The owner reads
 * and calls {@link #progressed}; a thread of the guard's own watches.
 */
final class StallGuard implements AutoCloseable {

  private final InputStream stream;
  private final long timeoutNanos;
  private final Thread watcher;
  private volatile long lastProgressNanos = System.nanoTime();
  private volatile boolean stalled;

  StallGuard(InputStream stream, Duration timeout) {
    this.stream = stream;
    this.timeoutNanos = timeout.toNanos();
    this.watcher = new Thread(this::watch, "falaj-download-stall-guard");
    watcher.setDaemon(true);
    watcher.start();
  }

  void progressed() {
    lastProgressNanos = System.nanoTime();
  }

  /** Whether the stream was closed because it brought nothing. */
  boolean stalled() {
    return stalled;
  }

  @Override
  public void close() {
    watcher.interrupt();
  }

  private void watch() {
    try {
      while (true) {
        long left = timeoutNanos - (System.nanoTime() - lastProgressNanos);
        if (left <= 0) {
          stalled = true;
          stream.close();
          return;
        }
        Thread.sleep(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      // The download ended: nothing to guard.
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("closing a stalled download failed", e);
    }
  }
}
