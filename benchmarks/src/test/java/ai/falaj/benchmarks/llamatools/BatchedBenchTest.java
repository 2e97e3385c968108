package ai.falaj.benchmarks.llamatools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchedBenchTest {

  /** As the program prints it. */
  private static final String LINE =
      "{\"n_kv_max\": 1024, \"n_batch\": 2048, \"n_ubatch\": 512, \"flash_attn\": -1, \"is_pp_shared\": 0,"
          + " \"n_gpu_layers\": -1, \"n_threads\": 2, \"n_threads_batch\": 2, \"pp\": 24, \"tg\": 16,"
          + " \"pl\": 4, \"n_kv\": 160, \"t_pp\": 0.262949, \"speed_pp\": 365.089813, \"t_tg\": 0.364829,"
          + " \"speed_tg\": 175.424652, \"t\": 0.627778, \"speed\": 254.867172}";

  @TempDir Path folder;

  @Test
  void readsTheSpeedsOfALine() throws Exception {
    assertThat(BatchedBench.parse(LINE)).isEqualTo(new BatchedBench.Speeds(365.089813, 175.424652));
  }

  @Test
  void refusesALineWithoutSpeeds() {
    assertThatThrownBy(() -> BatchedBench.parse("{\"pp\": 24}"))
        .isInstanceOf(BenchmarkException.class);
    assertThatThrownBy(() -> BatchedBench.parse("{nothing")).isInstanceOf(BenchmarkException.class);
  }

  @Test
  void givesTheProgramTheSizesOfTheRuntime() throws Exception {
    program("exit 0");
    assertThat(String.join(" ", bench().command(128, 96, 3)))
        .endsWith(
            "-m model.gguf -c 1024 -b 2048 -ub 512 -t 2 -tb 2 --no-kv-unified -npp 128 -ntg 96"
                + " -npl 4,4,4 --output-format jsonl");
  }

  @Test
  void leavesTheFirstMeasurementOut() throws Exception {
    program(
        "echo ignored",
        "echo '{\"speed_pp\": 1, \"speed_tg\": 2}'",
        "echo '{\"speed_pp\": 3, \"speed_tg\": 4}'",
        "echo '{\"speed_pp\": 5, \"speed_tg\": 6}'");
    assertThat(bench().run(128, 96, 2))
        .containsExactly(new BatchedBench.Speeds(3, 4), new BatchedBench.Speeds(5, 6));
  }

  @Test
  void saysHowAProgramThatFailsWasRun() throws Exception {
    program("exit 3");
    assertThatThrownBy(() -> bench().run(128, 96, 2))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("ended with 3")
        .hasMessageContaining("-npp 128");
  }

  @Test
  void namesTheScriptThatBuildsAMissingProgram() {
    assertThatThrownBy(() -> bench().run(128, 96, 2))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("benchmarks/llama-tools.sh");
  }

  private BatchedBench bench() {
    return new BatchedBench(
        new LlamaTools(folder), new EngineSettings(Path.of("model.gguf"), 1000, 4, 225, 2));
  }

  private void program(String... lines) throws Exception {
    Path script = folder.resolve("llama-batched-bench");
    Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
