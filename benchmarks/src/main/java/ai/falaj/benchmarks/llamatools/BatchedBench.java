package ai.falaj.benchmarks.llamatools;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code llama-batched-bench}: random tokens through {@code llama_decode}, all prompts first, then
 * one token of each sequence per step. It samples nothing, makes no text and schedules nothing: the
 * limit for whatever does. Confined to one thread.
 */
public final class BatchedBench {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final LlamaTools tools;
  private final EngineSettings settings;

  public BatchedBench(LlamaTools tools, EngineSettings settings) {
    this.tools = tools;
    this.settings = settings;
  }

  /**
   * Speeds of one measurement.
   *
   * @param prefillTokensPerSecond tokens of all prompts by the time until the last is computed
   * @param decodeTokensPerSecond tokens of all sequences by the time of their steps
   */
  public record Speeds(double prefillTokensPerSecond, double decodeTokensPerSecond) {}

  /**
   * Runs the program once: one measurement that warms up, then those that are returned.
   *
   * @throws BenchmarkException if the program is missing, fails, or prints something else
   */
  public List<Speeds> run(int promptTokens, int newTokens, int measurements)
      throws BenchmarkException, InterruptedException {
    List<String> command = command(promptTokens, newTokens, measurements + 1);
    List<String> lines = new ArrayList<>();
    try {
      Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
      try (BufferedReader output = process.inputReader()) {
        output.lines().filter(line -> line.startsWith("{")).forEach(lines::add);
        int exitCode = process.waitFor();
        if (exitCode != 0 || lines.size() != measurements + 1) {
          throw new BenchmarkException(
              "llama-batched-bench ended with %d after %d of %d measurements; try: %s"
                  .formatted(exitCode, lines.size(), measurements + 1, String.join(" ", command)));
        }
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new BenchmarkException("llama-batched-bench cannot be run: " + e.getMessage(), e);
    }
    List<Speeds> speeds = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      speeds.add(parse(line));
    }
    return speeds;
  }

  List<String> command(int promptTokens, int newTokens, int measurements)
      throws BenchmarkException {
    Path program = tools.program("llama-batched-bench");
    String sequences = Integer.toString(settings.sequences());
    return List.of(
        program.toString(),
        "-m",
        settings.modelFile().toString(),
        "-c",
        Integer.toString(settings.kvTokens()),
        "-b",
        Integer.toString(EngineSettings.BATCH_TOKENS),
        "-ub",
        Integer.toString(EngineSettings.MICRO_BATCH_TOKENS),
        "-t",
        Integer.toString(settings.threads()),
        "-tb",
        Integer.toString(settings.threads()),
        "--no-kv-unified",
        "-npp",
        Integer.toString(promptTokens),
        "-ntg",
        Integer.toString(newTokens),
        "-npl",
        String.join(",", Collections.nCopies(measurements, sequences)),
        "--output-format",
        "jsonl");
  }

  static Speeds parse(String line) throws BenchmarkException {
    try {
      JsonNode measurement = JSON.readTree(line);
      JsonNode prefill = measurement.path("speed_pp");
      JsonNode decode = measurement.path("speed_tg");
      if (!prefill.isNumber() || !decode.isNumber()) {
        throw new BenchmarkException("llama-batched-bench printed no speeds: " + line);
      }
      return new Speeds(prefill.asDouble(), decode.asDouble());
    } catch (JsonProcessingException e) {
      throw new BenchmarkException("llama-batched-bench printed no JSON: " + line, e);
    }
  }
}
