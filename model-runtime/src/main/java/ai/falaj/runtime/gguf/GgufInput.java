package ai.falaj.runtime.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Little-endian values of a file in order, through one small buffer. It never reads or skips past
 * the end: every method that would throws {@link GgufException} and names the part of the file that
 * was being read. Confined to one thread.
 */
final class GgufInput {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** File position of the buffer's first byte. */
  private long bufferStart;

  GgufInput(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
    buffer.limit(0);
  }

  long size() {
    return size;
  }

  long position() {
    return bufferStart + buffer.position();
  }

  long remaining() {
    return size - position();
  }

  byte readByte(String what) throws IOException, GgufException {
    require(1, what);
    return buffer.get();
  }

  short readShort(String what) throws IOException, GgufException {
    require(2, what);
    return buffer.getShort();
  }

  int readInt(String what) throws IOException, GgufException {
    require(4, what);
    return buffer.getInt();
  }

  long readLong(String what) throws IOException, GgufException {
    require(8, what);
    return buffer.getLong();
  }

  /** {@code bytes} must be bounded by the caller: they are held in memory. */
  String readText(int bytes, String what) throws IOException, GgufException {
    requireInFile(bytes, what);
    byte[] content = new byte[bytes];
    int done = 0;
    while (done < bytes) {
      require(1, what);
      int length = Math.min(bytes - done, buffer.remaining());
      buffer.get(content, done, length);
      done += length;
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  void skip(long bytes, String what) throws IOException, GgufException {
    requireInFile(bytes, what);
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
    } else {
      bufferStart = position() + bytes;
      buffer.position(0).limit(0);
    }
  }

  GgufException truncated(String what) {
    return new GgufException(
        file,
        "ends after " + size + " bytes, inside " + what,
        "the file is truncated: " + GgufHeader.DOWNLOAD_AGAIN);
  }

  private void requireInFile(long bytes, String what) throws GgufException {
    if (bytes < 0 || bytes > remaining()) {
      throw truncated(what);
    }
  }

  /** Fills the buffer so that {@code bytes} (at most 8) can be taken from it. */
  private void require(int bytes, String what) throws IOException, GgufException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    requireInFile(bytes, what);
    bufferStart = position();
    buffer.compact();
    while (buffer.position() < bytes) {
      if (channel.read(buffer, bufferStart + buffer.position()) < 0) {
        throw truncated(what);
      }
    }
    buffer.flip();
  }
}
