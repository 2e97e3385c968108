package ai.falaj.runtime.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/** Says what a file is that is no GGUF file, for the mistakes that people make. */
final class NotGguf {

  private NotGguf() {}

  /**
   * @param magic the first four bytes, read as a little-endian integer
   */
  static GgufException describe(Path file, int magic) {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(magic).array();
    String start = new String(bytes, StandardCharsets.ISO_8859_1);
    return switch (start) {
      case "vers" ->
          new GgufException(
              file,
              "is no GGUF file but probably a Git LFS pointer",
              "fetch the file itself with git lfs pull, or " + GgufHeader.DOWNLOAD_AGAIN);
      case "<!DO", "<!do", "<htm", "<HTM" ->
          new GgufException(
              file,
              "is no GGUF file but a web page",
              "download the file itself, not the page that shows it");
      case "PK\u0003\u0004" ->
          new GgufException(
              file,
              "is no GGUF file but a zip archive",
              "unpack it, or get the model's GGUF conversion");
      case "tjgg", "lmgg", "fmgg", "algg" ->
          new GgufException(
              file, "is in the old GGML format", "get the GGUF conversion of this model");
      default ->
          new GgufException(
              file,
              "is no GGUF file (it starts with 0x" + HexFormat.of().formatHex(bytes) + ")",
              "name a .gguf file, or " + GgufHeader.DOWNLOAD_AGAIN);
    };
  }
}
