package ai.falaj.jobs.bench.predict;

import ai.falaj.benchmarks.BenchmarkException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Flink with {@code ML_PREDICT} in a process of its own, with a model provider and behind it
 * Falaj's class path: READY from start to {@link #close()}. It ends by itself when this process is
 * gone. Threads, heap and garbage of what is compared are apart that way, and so are the libraries
 * that the provider brings. Confined to one thread.
 */
public final class PredictProcess implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long STOP_LIMIT_SECONDS = 30;

  private final Process process;
  private final BufferedReader output;
  private final Writer input;
  private final Path folder;

  private PredictProcess(Process process, Path folder) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.folder = folder;
  }

  /**
   * Starts it and waits until Flink is up.
   *
   * @param provider a jar that goes before the class path, so that what it brings comes from
   *     nowhere else
   * @throws BenchmarkException if it does not come up
   */
  public static PredictProcess start(Optional<Path> provider, int slots) throws BenchmarkException {
    try {
      Path folder = Files.createTempDirectory("falaj-predict-");
      Process process =
          new ProcessBuilder(command(provider, folder, slots))
              .redirectError(Redirect.INHERIT)
              .start();
      PredictProcess started = new PredictProcess(process, folder);
      try {
        started.expect(PredictProgram.READY);
        return started;
      } catch (BenchmarkException | IOException e) {
        started.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BenchmarkException("Flink's process cannot be run: " + e.getMessage(), e);
    }
  }

  private static List<String> command(Optional<Path> provider, Path folder, int slots) {
    String java = File.separatorChar == '/' ? "java" : "java.exe";
    String classPath =
        provider.map(jar -> jar + File.pathSeparator).orElse("")
            + System.getProperty("java.class.path");
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", java).toString(),
        "-XX:+UseParallelGC",
        "-Xmx1g",
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/java.time=ALL-UNNAMED",
        "-Djava.io.tmpdir=" + folder,
        "-Dlog4j2.configurationFile=falaj-log4j2.xml",
        "-Dfalaj.log.file=" + folder.resolve("flink.log"),
        "-cp",
        classPath,
        PredictProgram.class.getName(),
        folder.resolve("flink").toString(),
        Integer.toString(slots));
  }

  /**
   * Runs one job.
   *
   * @throws BenchmarkException if it failed
   */
  public PredictOutcome run(PredictRun run) throws BenchmarkException {
    try {
      input.write(JSON.writeValueAsString(run) + "\n");
      input.flush();
      return JSON.readValue(line(), PredictOutcome.class);
    } catch (IOException e) {
      throw new BenchmarkException("Flink's process is gone: " + e.getMessage(), e);
    }
  }

  private void expect(String line) throws IOException, BenchmarkException {
    String said = line();
    if (!said.equals(line)) {
      throw new BenchmarkException("Flink's process said " + said + " instead of " + line);
    }
  }

  private String line() throws IOException, BenchmarkException {
    String line = output.readLine();
    if (line == null) {
      throw new BenchmarkException("Flink's process ended; what it said is above");
    }
    return line;
  }

  /** Ends the process, waits for it, and deletes its files. */
  @Override
  public void close() {
    try {
      input.close();
      if (!process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      process.destroyForcibly(); // it is gone, or on its way
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> left = Files.walk(folder)) {
      left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be deleted", e);
    }
  }
}
