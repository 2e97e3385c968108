package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {

  @TempDir private Path cache;

  /** Whatever this machine has: verdict, exit code and lines agree. */
  @Test
  void agreesWithItself() throws IOException {
    CliRun run = CliRun.of(cache, "doctor", "--json");

    JsonNode report = new ObjectMapper().readTree(run.out());
    boolean anyFailed = false;
    for (JsonNode check : report.get("checks")) {
      assertThat(check.get("status").asText()).isIn("ok", "warn", "fail");
      assertThat(check.has("remedy")).isEqualTo(!check.get("status").asText().equals("ok"));
      anyFailed |= check.get("status").asText().equals("fail");
    }
    assertThat(report.get("checks")).hasSizeGreaterThan(9);
    assertThat(report.get("ok").asBoolean()).isEqualTo(!anyFailed);
    assertThat(run.exitCode()).isEqualTo(anyFailed ? ExitCodes.FAILURE : ExitCodes.OK);
  }
}
