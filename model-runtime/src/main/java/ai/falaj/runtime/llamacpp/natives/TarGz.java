package ai.falaj.runtime.llamacpp.natives;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Takes named files out of a {@code .tar.gz}. Only regular files whose archive path was asked for
 * are written, each under the name that the caller chose, so nothing in the archive decides where
 * anything lands.
 *
 * <p>Format: POSIX ustar, 512-byte blocks. Extended headers (long names, sparse files) are skipped:
 * a file that needs one does not match a wanted path.
 */
final class TarGz {

  private static final int BLOCK_BYTES = 512;
  private static final long MAX_FILE_BYTES = 1L << 30;

  private TarGz() {}

  /**
   * @param targetByArchivePath the file to write for each path in the archive
   * @return the archive paths that were found
   */
  static Set<String> extract(Path archive, Map<String, Path> targetByArchivePath)
      throws IOException {
    Set<String> found = new HashSet<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 64 * 1024)) {
      byte[] header = new byte[BLOCK_BYTES];
      while (in.readNBytes(header, 0, BLOCK_BYTES) == BLOCK_BYTES && !isZero(header)) {
        requireChecksum(header);
        long size = octal(header, 124, 12);
        if (size > MAX_FILE_BYTES) {
          throw new IOException("a file of " + size + " bytes in the archive is too large");
        }
        Path target = targetByArchivePath.get(path(header));
        boolean regularFile = header[156] == '0' || header[156] == 0;
        if (regularFile && target != null && found.add(path(header))) {
          try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            copy(in, out, size);
          }
        } else {
          copy(in, OutputStream.nullOutputStream(), size);
        }
        copy(in, OutputStream.nullOutputStream(), (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES);
      }
    }
    return found;
  }

  private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    for (long left = bytes; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("the archive is truncated");
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  private static String path(byte[] header) {
    String name = text(header, 0, 100);
    String prefix = text(header, 345, 155);
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] header, int offset, int length) throws IOException {
    String digits = text(header, offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("the archive is damaged: '" + digits + "' is no octal number", e);
    }
  }

  /** The sum of all header bytes, with the checksum's own field read as spaces. */
  private static void requireChecksum(byte[] header) throws IOException {
    long sum = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      sum += i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(header[i]);
    }
    if (sum != octal(header, 148, 8)) {
      throw new IOException("the archive is damaged: a header's checksum is wrong");
    }
  }

  private static boolean isZero(byte[] block) {
    return Arrays.equals(block, new byte[BLOCK_BYTES]);
  }
}
