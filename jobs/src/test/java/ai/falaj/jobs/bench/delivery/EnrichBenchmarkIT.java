package ai.falaj.jobs.bench.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The benchmark of enrichment, small, in a real stack of its own. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class EnrichBenchmarkIT {

  @Test
  void comparesAnEnrichmentWithAPlainMap() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(
            new String[] {
              "bench", "enrich", "--records=3000", "--rounds=1", "--sequences=64", "--json"
            },
            new PrintWriter(out),
            new PrintWriter(err));

    assertThat(exitCode).as(err.toString()).isEqualTo(ExitCodes.OK);
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.at("/rounds/0/plainMap").doubleValue()).isPositive();
    assertThat(report.at("/rounds/0/falaj").doubleValue()).isPositive();
    assertThat(report.at("/verdicts/0/target").doubleValue()).isEqualTo(0.7);
  }
}
