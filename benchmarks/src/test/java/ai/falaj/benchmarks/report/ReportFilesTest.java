package ai.falaj.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {

  private record Load(int sequences) {}

  private record Round(double ratio) {}

  @TempDir Path folder;

  @Test
  void writesLoadMachineVerdictsAndEveryRound() throws Exception {
    Path file = folder.resolve("new").resolve("batched.json");
    ReportFiles.write(file, report());

    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.get("benchmark").asText()).isEqualTo("batched");
    assertThat(json.get("engine").asText()).isEqualTo("llama.cpp 0.5.0");
    assertThat(json.get("machine").get("cores").asInt()).isPositive();
    assertThat(json.get("load").get("sequences").asInt()).isEqualTo(16);
    assertThat(json.get("rounds").get(1).get("ratio").asDouble()).isEqualTo(0.99);
    assertThat(json.get("verdicts").get(0).get("met").asBoolean()).isTrue();
  }

  @Test
  void makesOneRowOfEachVerdictAndPassesOverOtherFiles() throws Exception {
    ReportFiles.write(folder.resolve("batched.json"), report());
    Files.writeString(folder.resolve("engine-1.json"), "{\"ratio\": 1}");
    Files.writeString(folder.resolve("notes.txt"), "no report");

    assertThat(ReportFiles.table(folder))
        .isEqualTo(
            """
            | benchmark | figure | measured | target | raw |
            |---|---|---|---|---|
            | batched | prefill | 0.981 | at least 0.97 | `batched.json` |
            | batched | steps | 4 (missed) | at most 3 | `batched.json` |
            """);
  }

  private static BenchmarkReport<Load, Round> report() {
    RuntimeInfo info =
        new RuntimeInfo("m", Optional.empty(), "llama.cpp", "0.5.0", Optional.empty(), 1, 1, 1);
    return BenchmarkReport.of(
        "batched",
        info,
        new Load(16),
        List.of(Verdict.atLeast(0.97, "prefill", 0.9811), Verdict.atMost(3, "steps", 4)),
        List.of(new Round(0.98), new Round(0.99)));
  }
}
