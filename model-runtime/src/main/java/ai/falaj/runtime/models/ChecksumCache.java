package ai.falaj.runtime.models;

import ai.falaj.runtime.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * SHA-256 of large files, computed once for each path, size and time of change: hashing 20 GB takes
 * about a minute. One small text file for each path. Any thread, any process.
 */
final class ChecksumCache {

  private final Path folder;

  ChecksumCache(Path folder) {
    this.folder = folder;
  }

  String sha256(Path file) throws IOException {
    Path real = file.toRealPath();
    String state = state(real);
    Optional<String> known = read(real, state);
    if (known.isPresent()) {
      return known.get();
    }
    String sum = Sha256.ofFile(real);
    if (state(real).equals(state)) {
      write(real, state, sum);
    }
    return sum;
  }

  /** Remembers a sum that was computed while the file was written. */
  void put(Path file, String sum) throws IOException {
    Path real = file.toRealPath();
    write(real, state(real), sum);
  }

  private Optional<String> read(Path real, String state) throws IOException {
    Path entry = entry(real);
    if (!Files.exists(entry)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(entry, StandardCharsets.UTF_8);
    return lines.size() == 3
            && lines.get(0).equals(real.toString())
            && lines.get(1).equals(state)
            && Sha256.isHex(lines.get(2))
        ? Optional.of(lines.get(2))
        : Optional.empty();
  }

  private void write(Path real, String state, String sum) throws IOException {
    Files.createDirectories(folder);
    Path work = Files.createTempFile(folder, ".sum-", "");
    Files.writeString(work, real + "\n" + state + "\n" + sum + "\n", StandardCharsets.UTF_8);
    Files.move(
        work, entry(real), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path entry(Path real) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(real.toString().getBytes(StandardCharsets.UTF_8));
    return folder.resolve(Sha256.hex(digest));
  }

  private static String state(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return attributes.size() + " bytes, changed " + attributes.lastModifiedTime().toInstant();
  }
}
