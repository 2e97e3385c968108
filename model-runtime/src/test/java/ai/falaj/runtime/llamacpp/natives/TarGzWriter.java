package ai.falaj.runtime.llamacpp.natives;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes ustar archives as npm does. */
final class TarGzWriter implements AutoCloseable {

  private final OutputStream out;

  TarGzWriter(Path archive) throws IOException {
    out = new GZIPOutputStream(Files.newOutputStream(archive));
  }

  TarGzWriter file(String path, byte[] content) throws IOException {
    return entry(path, '0', content, content.length);
  }

  /** An entry that may be no regular file, or claim another size than it has. */
  TarGzWriter entry(String path, char type, byte[] content, long size) throws IOException {
    byte[] header = new byte[512];
    put(header, 0, path);
    put(header, 100, "000644 ");
    put(header, 124, String.format("%011o", size));
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    int sum = 0;
    for (byte b : header) {
      sum += Byte.toUnsignedInt(b);
    }
    put(header, 148, String.format("%06o\0 ", sum));
    out.write(header);
    out.write(content);
    out.write(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  @Override
  public void close() throws IOException {
    out.write(new byte[1024]);
    out.close();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
