package ai.falaj.jobs.stack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the line of a log that tells most about a failure. */
final class LogTail {

  private static final int TAIL_BYTES = 64 * 1024;
  private static final int MAX_LINE_CHARS = 300;
  private static final Pattern ERROR =
      Pattern.compile("\\b(ERROR|FATAL)\\b|^Exception in thread|^Caused by:|^Error:|^Error ");

  private LogTail() {}

  /** The last line that reports an error, else the last line; empty without a readable log. */
  static Optional<String> lastError(Path log) {
    List<String> lines;
    try {
      lines = tail(log).lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return Optional.empty();
    }
    return lines.stream()
        .filter(line -> ERROR.matcher(line).find())
        .reduce((earlier, later) -> later)
        .or(() -> lines.stream().reduce((earlier, later) -> later))
        .map(String::strip)
        .map(line -> line.substring(0, Math.min(line.length(), MAX_LINE_CHARS)));
  }

  private static String tail(Path log) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, file.length())];
      file.seek(file.length() - bytes.length);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
