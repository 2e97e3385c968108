package ai.falaj.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterProcessLockTest {

  @TempDir Path folder;

  @Test
  void letsOneThreadInAtATimeAndTellsTheOtherThatItWaits() throws Exception {
    Path file = folder.resolve("new/lock");
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AtomicBoolean released = new AtomicBoolean();
    CountDownLatch waits = new CountDownLatch(1);
    try {
      Future<Boolean> other;
      try (InterProcessLock lock = InterProcessLock.acquire(file, () -> {})) {
        assertThat(lock).isNotNull();
        other =
            executor.submit(
                () -> {
                  try (InterProcessLock second = InterProcessLock.acquire(file, waits::countDown)) {
                    return second != null && released.get();
                  }
                });
        assertThat(waits.await(10, TimeUnit.SECONDS)).isTrue();
        released.set(true);
      }
      assertThat(other.get(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void waitsForAnotherProcess() throws Exception {
    Path file = folder.resolve("lock");
    Process holder = LockHolder.start(file);
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("locked");
      try (InterProcessLock lock =
          InterProcessLock.acquire(file, () -> LockHolder.tellToRelease(holder))) {
        assertThat(lock).isNotNull();
        assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(holder.exitValue()).isZero();
      }
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void waitsForAnotherCopyOfTheClassInThisProcess() throws Exception {
    Path file = folder.resolve("lock");
    AtomicBoolean released = new AtomicBoolean();
    try (FileChannel other =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock held = other.lock();
      Runnable releaseOther =
          () -> {
            try {
              held.release();
              released.set(true);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          };
      try (InterProcessLock lock = InterProcessLock.acquire(file, releaseOther)) {
        assertThat(lock).isNotNull();
        assertThat(released).isTrue();
      }
    }
  }

  /** A JVM of its own that holds the lock until its standard input ends. */
  static final class LockHolder {
    public static void main(String[] args) throws Exception {
      try (InterProcessLock lock = InterProcessLock.acquire(Path.of(args[0]), () -> {})) {
        System.out.println(lock == null ? "no lock" : "locked");
        System.in.readAllBytes();
      }
    }

    static Process start(Path file) throws Exception {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              LockHolder.class.getName(),
              file.toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    }

    static void tellToRelease(Process holder) {
      try {
        holder.getOutputStream().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
