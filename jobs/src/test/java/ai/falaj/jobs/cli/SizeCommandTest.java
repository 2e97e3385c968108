package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.runtime.testing.TinyModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code falaj size}, held to figures that were reckoned by hand. */
class SizeCommandTest {

  private static final long K2_WEIGHTS = 2 * 32_763_876_352L;

  /** 64 layers, 8 heads, a key and a value of 128 elements, 2 bytes each. */
  private static final long K2_KV_PER_TOKEN = 64 * 8 * 2 * 128 * 2;

  @TempDir Path cache;

  private JsonNode size(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("size", "--json"));
    all.addAll(List.of(args));
    CliRun run = CliRun.of(cache, all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.OK);
    return new ObjectMapper().readTree(run.out());
  }

  private JsonNode k2(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("k2-think", "--on=h100", "--prompt-tokens=500", "--completion-tokens=4000"));
    args.addAll(List.of(more));
    return size(args.toArray(String[]::new));
  }

  @Test
  void reckonsTheMemoryOfK2Think() throws IOException {
    JsonNode report = k2("--gpus=2");

    assertThat(report.at("/memory/weightBytes").asLong()).isEqualTo(K2_WEIGHTS);
    assertThat(report.at("/memory/kvBytesPerToken").asLong())
        .isEqualTo(K2_KV_PER_TOKEN)
        .isEqualTo(256 * 1_024);
    // 0.9 of 2 x 80 GB, less weights and 2 GB each, in pages of 16 tokens: 4,512 for a record.
    long kvBytes = 144_000_000_000L - K2_WEIGHTS - 4_000_000_000L;
    assertThat(report.at("/memory/sequencesThatFit").asLong())
        .isEqualTo(kvBytes / K2_KV_PER_TOKEN / 4_512)
        .isEqualTo(62);
  }

  @Test
  void reckonsTheTimeOfAStepFromWhatItReads() throws IOException {
    JsonNode report =
        size(
            "k2-think",
            "--on=h100",
            "--gpus=1",
            "--sequences=1",
            "--prompt-tokens=1",
            "--completion-tokens=2");

    // Weights at 0.7 of 3.35 TB/s, and 2 ms of overhead; keys and values of two tokens are nothing.
    double stepMs = K2_WEIGHTS / (0.7 * 3.35e12) * 1e3 + 2;
    assertThat(report.at("/speed/stepMs").asDouble()).isCloseTo(stepMs, within(0.2));
    assertThat(report.at("/speed/boundBy").asText()).isEqualTo("WEIGHTS");
  }

  @Test
  void takesAsManyGpusAsBringMostPerGpu() throws IOException {
    JsonNode chosen = k2();
    double best = perGpu(chosen);

    assertThat(chosen.at("/target/gpus").asInt()).isGreaterThan(1);
    for (String gpus : new String[] {"1", "2", "4", "8"}) {
      assertThat(perGpu(k2("--gpus=" + gpus))).as(gpus + " GPUs").isLessThan(best * 1.06);
    }
  }

  private static double perGpu(JsonNode report) {
    return report.at("/speed/recordsPerSecond").asDouble() / report.at("/target/gpus").asInt();
  }

  @Test
  void countsEnginesForARate() throws IOException {
    JsonNode report = k2("--rate=50k/day", "--utilization=0.5");

    double wanted = 50_000 / 86_400.0;
    double ofOne = report.at("/speed/recordsPerSecond").asDouble();
    int engines = report.at("/engines/count").asInt();
    assertThat(engines * ofOne * 0.5).isGreaterThanOrEqualTo(wanted);
    assertThat((engines - 1) * ofOne * 0.5).isLessThan(wanted);
    assertThat(report.at("/configuration").has("falaj.models.served.base-url")).isTrue();
    assertThat(report.at("/server").asText()).startsWith("vllm serve LLM360/K2-Think");
  }

  @Test
  void agreesWithWhatWasMeasuredOnTheProcessorItIsDrawnFrom() throws IOException {
    String[] load = {
      "smollm2-135m-instruct",
      "--on=cpu-avx512",
      "--cores=2",
      "--memory=8g",
      "--prompt-tokens=10",
      "--completion-tokens=200"
    };
    JsonNode measured =
        new ObjectMapper()
            .readTree(
                Path.of(System.getProperty("falaj.home"))
                    .resolve("benchmarks/results/batched.json")
                    .toFile());
    for (int sequences : new int[] {1, 16, 64}) {
      double[] rounds =
          StreamSupport.stream(measured.get("rounds").spliterator(), false)
              .filter(round -> round.get("sequences").asInt() == sequences)
              .mapToDouble(round -> round.get("decodeTokensPerSecond").asDouble())
              .sorted()
              .toArray();
      assertThat(decode(load, sequences))
          .as("%d sequences", sequences)
          .isCloseTo(rounds[rounds.length / 2], Percentage.withPercentage(20));
    }
  }

  private double decode(String[] load, int sequences) throws IOException {
    List<String> args = new ArrayList<>(List.of(load));
    args.add("--sequences=" + sequences);
    return size(args.toArray(String[]::new)).at("/speed/decodeTokensPerSecond").asDouble();
  }

  @Test
  void readsTheSizesOfAFile() throws Exception {
    Path file = TinyModels.writeQwen2(cache.resolve("tiny.gguf"), 3);

    JsonNode report =
        size(
            file.toString(),
            "--on=cpu",
            "--cores=1",
            "--memory=2g",
            "--prompt-tokens=10",
            "--completion-tokens=10");

    JsonNode model = report.at("/model");
    long perToken =
        model.get("kvHeadsOfAllLayers").asLong() * model.get("headLength").asLong() * 2 * 2;
    assertThat(report.at("/memory/kvBytesPerToken").asLong()).isEqualTo(perToken);
    assertThat(model.get("weightBytes").asLong()).isLessThanOrEqualTo(Files.size(file));
    assertThat(report.at("/configuration/falaj.model").asText()).isEqualTo(file.toString());
  }

  @Test
  void takesLengthsFromASample() throws IOException {
    Path sample =
        Files.writeString(
            cache.resolve("sample.jsonl"),
            """
            {"usage": {"prompt_tokens": 100, "completion_tokens": 50, "cached_tokens": 75}}

            {"value": {"usage": {"prompt_tokens": 300, "completion_tokens": 150, "cached_tokens": 225}}}
            """);

    JsonNode load = size("k2-think", "--on=h200", "--sample=" + sample).get("load");

    assertThat(load.get("promptTokens").asDouble()).isEqualTo(200);
    assertThat(load.get("completionTokens").asDouble()).isEqualTo(100);
    assertThat(load.get("cachedShare").asDouble()).isEqualTo(0.75);
    assertThat(load.get("contextTokens").asInt()).isEqualTo(1_024);
  }

  @Test
  void saysItInWordsToo() {
    CliRun run =
        CliRun.of(
            cache,
            "size",
            "k2-think",
            "--on=h200",
            "--prompt-tokens=500",
            "--completion-tokens=4000",
            "--rate=1/s");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.OK);
    assertThat(run.out())
        .contains("262,144 bytes per token", "configuration:", "assumptions:", "data sheet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "k2-think --on=zx81 --prompt-tokens=1 --completion-tokens=1                 | name one of b200",
        "nothing --on=h100 --prompt-tokens=1 --completion-tokens=1                  | There is no model 'nothing'",
        "k2-think --on=h100 --completion-tokens=1                                   | --prompt-tokens is missing",
        "k2-think --on=l4 --gpus=1 --prompt-tokens=1 --completion-tokens=1          | do not fit in",
        "k2-think --on=cpu --prompt-tokens=1 --completion-tokens=1                  | give --cores and --memory",
        "k2-think --on=h100 --prompt-tokens=1 --completion-tokens=1 --rate=3/week   | per s, min, h or day",
        "k2-think --on=h100 --prompt-tokens=1 --completion-tokens=1 --token-ms=0.01 | --token-ms",
        "k2-think --on=h100 --prompt-tokens=1 --completion-tokens=1 --weights=Q9    | is not known",
        "k2-think --on=h100 --sample=/no/such/file                                  | cannot be read",
        "--on=h100 --prompt-tokens=1 --completion-tokens=1                          | no model is named"
      })
  void refusesInOneLineWithTheRemedy(String args, String message) {
    CliRun run = CliRun.of(cache, ("size " + args).trim().split(" +"));

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(message);
    assertThat(run.err().lines()).hasSize(1);
  }
}
