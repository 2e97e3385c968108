package ai.falaj.runtime.models;

import ai.falaj.runtime.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * What has been downloaded of a file so far, with its running SHA-256 and, in a small file beside
 * it, the validator of the remote file that it is a part of. Without a validator nothing can be
 * continued. Confined to one thread.
 *
 * <p>States: opened with what an earlier run left, or empty; {@link #append} makes it longer,
 * {@link #restart} empty; {@link #complete} moves it to its place, {@link #discard} deletes it.
 * Closed without either, it stays for the next run unless it is empty.
 */
final class PartFile implements AutoCloseable {

  private static final int BUFFER_BYTES = 1024 * 1024;

  private final Path part;
  private final Path validatorFile;
  private final FileChannel channel;
  private MessageDigest digest = Sha256.newDigest();
  private Optional<String> validator = Optional.empty();
  private long length;

  /** Hashes what is there already: about three seconds for each gigabyte. */
  PartFile(Path target) throws IOException {
    this.part = target.resolveSibling(target.getFileName() + ".part");
    this.validatorFile = target.resolveSibling(target.getFileName() + ".part.validator");
    Files.createDirectories(target.toAbsolutePath().getParent());
    this.channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (Files.exists(validatorFile)) {
        hashExisting();
        validator = Optional.of(Files.readString(validatorFile, StandardCharsets.UTF_8));
      } else {
        channel.truncate(0);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return part;
  }

  long length() {
    return length;
  }

  /** Of the remote file that this is a part of. */
  Optional<String> validator() {
    return validator;
  }

  /** Starts over; the next bytes are those of the remote file with this validator. */
  void restart(Optional<String> newValidator) throws IOException {
    Files.deleteIfExists(validatorFile);
    channel.truncate(0);
    channel.position(0);
    length = 0;
    digest = Sha256.newDigest();
    validator = newValidator;
    if (newValidator.isPresent()) {
      Files.writeString(validatorFile, newValidator.get(), StandardCharsets.UTF_8);
    }
  }

  void append(ByteBuffer bytes) throws IOException {
    digest.update(bytes.duplicate());
    length += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** SHA-256 of all bytes so far. */
  String sha256() {
    try {
      return Sha256.hex((MessageDigest) digest.clone());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this Java's SHA-256 cannot be cloned", e);
    }
  }

  /** Moves the file to its place, atomically, after its bytes have reached the disk. */
  void complete(Path target) throws IOException {
    channel.force(true);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(validatorFile);
  }

  void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(validatorFile);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (length == 0) {
      discard();
    }
  }

  private void hashExisting() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (channel.read(buffer.clear()) >= 0) {
      digest.update(buffer.flip());
    }
    length = channel.position();
  }
}
