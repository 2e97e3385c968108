package ai.falaj.jobs.stack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds a state folder for one stack. The lock is the operating system's, so it ends with the
 * process that holds it, however that ends; the file's content only names the holder for the
 * message.
 */
final class StackLock implements AutoCloseable {

  private static final int MAX_PID_BYTES = 20;

  private final FileChannel channel;
  private final FileLock lock;

  private StackLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock of that folder, at once or not at all.
   *
   * @throws StackException when another stack holds it, in this process or another
   */
  static StackLock acquire(Path stateDirectory) {
    Path file = stateDirectory.resolve("lock");
    try {
      Files.createDirectories(stateDirectory);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = holder(channel);
        channel.close();
        throw StackException.prerequisite(
            "a local stack runs already" + holder + " in " + stateDirectory,
            "use it, stop it, or start another with --state-dir and --port-offset");
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pidBytes()), 0);
      return new StackLock(channel, lock);
    } catch (IOException e) {
      throw StackException.failure(
          file + " cannot be locked: " + e.getMessage(),
          "make its folder writable or choose another with --state-dir",
          e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      // Beyond the content, which others may then read on systems whose locks forbid it.
      return channel.tryLock(Long.MAX_VALUE - 1, 1, false);
    } catch (OverlappingFileLockException e) {
      return null; // held by this process
    }
  }

  private static byte[] pidBytes() {
    return Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(MAX_PID_BYTES);
    int length = channel.read(content, 0);
    return length <= 0
        ? ""
        : " (pid " + new String(content.array(), 0, length, StandardCharsets.US_ASCII) + ")";
  }

  @Override
  public void close() {
    try (channel) {
      lock.release();
    } catch (IOException e) {
      throw StackException.failure(
          "the lock cannot be released: " + e.getMessage(), "ignore it", e);
    }
  }
}
