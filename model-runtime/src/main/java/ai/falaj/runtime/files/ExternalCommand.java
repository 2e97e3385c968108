package ai.falaj.runtime.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs a program to its end, for a bounded time, and keeps the last lines that it printed. Any
 * thread. On a timeout or an interrupt, the program and its children are killed before the method
 * returns.
 */
public final class ExternalCommand {

  private static final int KEPT_BYTES = 64 * 1024;
  private static final Duration KILL_GRACE = Duration.ofSeconds(5);

  private ExternalCommand() {}

  /**
   * How a program ended.
   *
   * @param exitCode absent when it was killed because its time was over
   * @param output standard output and error together, the last {@value #KEPT_BYTES} bytes
   */
  public record Result(Optional<Integer> exitCode, String output) {

    public boolean succeeded() {
      return exitCode.isPresent() && exitCode.get() == 0;
    }

    /** The last line that is not blank; an empty text where there is none. */
    public String lastLine() {
      return output
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((first, second) -> second)
          .orElse("");
    }
  }

  /**
   * Looks for a program as a shell would.
   *
   * @param searchPath folders, separated as in the variable {@code PATH}
   */
  public static Optional<Path> find(String program, String searchPath) {
    for (String folder : searchPath.split(Pattern.quote(System.getProperty("path.separator")))) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder).resolve(program);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(candidate.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  /**
   * @param searchPath the program's own {@code PATH}; the rest of the environment is this process's
   * @throws IOException when the program cannot be started
   */
  public static Result run(
      List<String> command, Path workingDirectory, String searchPath, Duration timeout)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(workingDirectory.toFile()).redirectErrorStream(true);
    builder.environment().put("PATH", searchPath);
    Process process = builder.start();
    process.getOutputStream().close();
    Tail tail = new Tail(process.getInputStream());
    Thread reader = new Thread(tail, "falaj-output-of-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    try {
      boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        kill(process);
      }
      reader.join(KILL_GRACE.toMillis());
      return new Result(ended ? Optional.of(process.exitValue()) : Optional.empty(), tail.text());
    } catch (InterruptedException e) {
      kill(process);
      throw e;
    }
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** Keeps the end of a stream. Written by the reader thread, read by the one that waits for it. */
  private static final class Tail implements Runnable {
    private final InputStream stream;
    private final byte[] ring = new byte[KEPT_BYTES];
    private long total;

    Tail(InputStream stream) {
      this.stream = stream;
    }

    @Override
    public void run() {
      byte[] buffer = new byte[8192];
      try (stream) {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          append(buffer, n);
        }
      } catch (IOException e) {
        append(e.toString().getBytes(StandardCharsets.UTF_8));
      }
    }

    private void append(byte[] bytes) {
      append(bytes, bytes.length);
    }

    private synchronized void append(byte[] bytes, int length) {
      for (int i = 0; i < length; i++) {
        ring[(int) (total++ % KEPT_BYTES)] = bytes[i];
      }
    }

    synchronized String text() {
      int length = (int) Math.min(total, KEPT_BYTES);
      byte[] kept = new byte[length];
      for (int i = 0; i < length; i++) {
        kept[i] = ring[(int) ((total - length + i) % KEPT_BYTES)];
      }
      return new String(kept, StandardCharsets.UTF_8);
    }
  }
}
