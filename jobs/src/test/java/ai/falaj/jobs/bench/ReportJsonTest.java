package ai.falaj.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.engine.EngineLoad;
import ai.falaj.benchmarks.engine.EngineReport;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportJsonTest {

  @Test
  void writesTheEngineReportWithEveryRound() throws Exception {
    EngineReport report =
        new EngineReport(
            new EngineLoad("m.gguf", 16, 24, 64, 2, 3),
            "m",
            "0.5.0",
            List.of("CPU: any"),
            98,
            100,
            0.98,
            List.of(new EngineReport.Round(98, 100)));
    JsonNode json = json(report);
    assertThat(json.get("ratio").asDouble()).isEqualTo(0.98);
    assertThat(json.get("load").get("sequences").asInt()).isEqualTo(16);
    assertThat(json.get("rounds").get(0).get("bareLoopTokensPerSecond").asDouble()).isEqualTo(100);
  }

  @Test
  void writesThePipelineReportWithEveryRound() throws Exception {
    PipelineReport report =
        new PipelineReport(
            new PipelineLoad(96, 64, 3),
            "m",
            "0.5.0",
            16,
            4,
            2,
            100,
            95,
            0.95,
            List.of(new PipelineReport.Round(100, 95, 400)));
    JsonNode json = json(report);
    assertThat(json.get("ratio").asDouble()).isEqualTo(0.95);
    assertThat(json.get("rounds").get(0).get("committedAfterMs").asLong()).isEqualTo(400);
  }

  private static JsonNode json(Object report) throws Exception {
    StringWriter out = new StringWriter();
    new Console(
            new PrintWriter(out),
            new PrintWriter(new StringWriter()),
            true,
            TerminalSettings.none())
        .json(report);
    return new ObjectMapper().readTree(out.toString());
  }
}
