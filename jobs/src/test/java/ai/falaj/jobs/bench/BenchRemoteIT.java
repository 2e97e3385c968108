package ai.falaj.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole command, small: Falaj's runtime and its provider, and Flink's own provider with one
 * HTTP client and with as many as it needs. Nothing here is about speed.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BenchRemoteIT {

  private static final int STREAMS = 20;
  private static final String RUNTIME = "Falaj's runtime";
  private static final String SQL = "ML_PREDICT of falaj";
  private static final String ONE = "ML_PREDICT of flink-model-openai";
  private static final String FOUR = "ML_PREDICT of 4 x flink-model-openai";

  @TempDir Path directory;

  @Test
  void answersEverythingByAllClientsAndReportsThem() throws Exception {
    Path file = directory.resolve("remote.json");
    StringWriter err = new StringWriter();
    String[] command = {
      "bench",
      "remote",
      "--streams=" + STREAMS,
      "--requests=2",
      "--tokens=5",
      "--first-token-ms=40",
      "--per-token-ms=10",
      "--rounds=1",
      "--out=" + file
    };

    int exitCode = Falaj.run(command, new PrintWriter(new StringWriter()), new PrintWriter(err));

    assertThat(exitCode).as(err.toString()).isEqualTo(ExitCodes.OK);
    JsonNode report = new ObjectMapper().readTree(file.toFile());
    List<JsonNode> rounds = new ArrayList<>();
    report.path("rounds").forEach(rounds::add);
    assertThat(rounds).hasSize(4).allSatisfy(BenchRemoteIT::isComplete);
    assertThat(round(rounds, RUNTIME).path("requests").asInt()).isEqualTo(2 * STREAMS);
    assertThat(round(rounds, ONE).path("requests").asInt()).isEqualTo(2 * STREAMS);
    assertThat(round(rounds, RUNTIME).path("mostAtServer").asInt()).isEqualTo(STREAMS);
    assertThat(round(rounds, SQL).path("mostAtServer").asInt()).isEqualTo(STREAMS);
    assertThat(round(rounds, ONE).path("mostAtServer").asInt())
        .as("what one client of the provider sends at once")
        .isEqualTo(5);
    assertThat(round(rounds, FOUR).path("mostAtServer").asInt()).isEqualTo(STREAMS);
    assertThat(report.path("verdicts"))
        .extracting(verdict -> verdict.path("what").asText())
        .anyMatch(what -> what.startsWith("tokens per second, " + RUNTIME + " : " + ONE + " ("))
        .anyMatch(what -> what.startsWith("tokens per second, " + RUNTIME + " : " + FOUR + " ("))
        .anyMatch(what -> what.startsWith("tokens per second, " + SQL + " : " + ONE + " ("))
        .anyMatch(what -> what.startsWith("tokens per second, " + SQL + " : " + FOUR + " ("));
  }

  private static void isComplete(JsonNode round) {
    assertThat(round.path("round").asInt()).isEqualTo(1);
    assertThat(round.path("wallMs").asDouble()).isGreaterThan(80);
    assertThat(round.path("tokensPerSecond").asDouble()).isPositive();
    assertThat(round.path("idealShare").asDouble()).isBetween(0.001, 1.01);
    assertThat(round.path("threadsBefore").asInt()).isPositive();
    assertThat(round.path("peakThreads").asInt())
        .isGreaterThanOrEqualTo(round.path("threadsBefore").asInt());
    assertThat(round.path("firstTextP95Ms").asDouble()).isGreaterThanOrEqualTo(40);
  }

  private static JsonNode round(List<JsonNode> rounds, String client) {
    return rounds.stream()
        .filter(round -> round.path("client").asText().equals(client))
        .findFirst()
        .orElseThrow();
  }
}
