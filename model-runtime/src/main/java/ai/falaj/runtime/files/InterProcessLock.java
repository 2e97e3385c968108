package ai.falaj.runtime.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that one thread on this machine holds at a time, in this process or another. Backed by an
 * operating system lock on a file, so that it is released when its process dies; the empty file
 * stays. The thread that acquired it releases it.
 */
public final class InterProcessLock implements AutoCloseable {

  private static final long POLL_MS = 200;

  /** File locks are per process: threads of one process need a lock of their own. */
  private static final ConcurrentMap<Path, ReentrantLock> WITHIN_PROCESS =
      new ConcurrentHashMap<>();

  private final ReentrantLock withinProcess;
  private final FileChannel channel;

  private InterProcessLock(ReentrantLock withinProcess, FileChannel channel) {
    this.withinProcess = withinProcess;
    this.channel = channel;
  }

  /**
   * Waits until the lock is free, however long the other one takes.
   *
   * @param onWait called once, before the first wait
   */
  public static InterProcessLock acquire(Path file, Runnable onWait)
      throws IOException, InterruptedException {
    Path key = file.toAbsolutePath().normalize();
    Files.createDirectories(key.getParent());
    ReentrantLock withinProcess =
        WITHIN_PROCESS.computeIfAbsent(key, ignored -> new ReentrantLock());
    boolean waited = !withinProcess.tryLock();
    if (waited) {
      onWait.run();
      withinProcess.lockInterruptibly();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean locked = tryLock(channel);
      while (!locked) {
        if (!waited) {
          onWait.run();
          waited = true;
        }
        Thread.sleep(POLL_MS);
        locked = tryLock(channel);
      }
      return new InterProcessLock(withinProcess, channel);
    } catch (IOException | InterruptedException | RuntimeException e) {
      try {
        if (channel != null) {
          channel.close();
        }
      } finally {
        withinProcess.unlock();
      }
      throw e;
    }
  }

  /**
   * Another copy of this class in the same process (Flink loads one for each job) has its own map
   * of locks; the JVM then answers with an exception where another process would just hold the
   * lock.
   */
  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Closing the channel releases the file's lock. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      withinProcess.unlock();
    }
  }
}
