package ai.falaj.jobs.cli.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program that may be on the path; asked for its version or the like. */
final class Tool {

  private static final int LIMIT_S = 10;
  private static final int MAX_OUTPUT_BYTES = 64 * 1024;

  private Tool() {}

  /**
   * The first line with content that the program prints, without colours; empty when it is missing,
   * fails or hangs.
   */
  static Optional<String> firstLine(String... command) {
    return lines(command).stream()
        .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").strip())
        .filter(line -> !line.isEmpty())
        .findFirst();
  }

  /** All that the program prints to standard output, as {@link #firstLine}. */
  static List<String> lines(String... command) {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return List.of(); // not on the path
    }
    process.onExit().orTimeout(LIMIT_S, TimeUnit.SECONDS).exceptionally(late -> kill(process));
    try {
      byte[] output = process.getInputStream().readNBytes(MAX_OUTPUT_BYTES);
      return process.waitFor() == 0
          ? new String(output, StandardCharsets.UTF_8).lines().toList()
          : List.of();
    } catch (IOException e) {
      return List.of(); // killed while it wrote
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process kill(Process process) {
    return process.destroyForcibly();
  }

  private static File nullDevice() {
    return new File(File.separatorChar == '/' ? "/dev/null" : "NUL");
  }
}
