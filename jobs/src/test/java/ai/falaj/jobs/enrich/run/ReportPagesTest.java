package ai.falaj.jobs.enrich.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.jobs.enrich.totals.TotalsAccumulator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPagesTest {

  private static EnrichmentTotals totals() {
    EnrichmentTotals totals = new EnrichmentTotals();
    for (int i = 1; i <= 100; i++) {
      totals.addRecord();
      totals.addEnriched();
      totals.addGeneration(300, 250, 0, i, 10L * i, "tiny <model> on llama.cpp");
      totals.addValue("sentiment", i % 4 == 0 ? "bad" : "good");
    }
    totals.addRecord();
    totals.addError("TRUNCATED");
    return totals;
  }

  @Test
  void writesAPageThatFetchesNothingAndTheSameAsJson(@TempDir Path folder) throws Exception {
    EnrichmentReport report = EnrichmentReport.of("reviews", "in", "out", 10, false, totals());
    ReportPages.write(report, folder);

    String page = Files.readString(folder.resolve("report.html"));
    assertThat(page)
        .contains("Failures by code", "TRUNCATED", "Values of sentiment", "tiny &lt;model&gt;")
        .doesNotContain("<script", "http://", "https://", "<model>");
    var json = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    assertThat(json.at("/records").intValue()).isEqualTo(101);
    assertThat(json.at("/recordsPerSecond").doubleValue()).isEqualTo(10.1);
    assertThat(json.at("/values/sentiment/bad").intValue()).isEqualTo(25);
    assertThat(json.has("samples")).as("records are private").isFalse();
  }

  @Test
  void quantilesAreRightToTheirBuckets() {
    EnrichmentTotals totals = totals();
    assertThat(totals.completionLengths().quantile(0.5)).isBetween(50L, 60L);
    assertThat(totals.completionLengths().quantile(1)).isEqualTo(100);
    assertThat(totals.completionLengths().mean()).isEqualTo(50.5);
    assertThat(totals.completionLengths().byUpperEnd().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(100);
  }

  @Test
  void totalsOfSubtasksAddUpAndSurviveTheirWay() throws Exception {
    TotalsAccumulator one = new TotalsAccumulator();
    one.add(totals());
    TotalsAccumulator travelled = InstantiationUtil.clone(one);
    travelled.merge(one.clone());
    EnrichmentTotals sum = EnrichmentTotals.fromJson(travelled.getLocalValue());
    assertThat(sum.records()).isEqualTo(202);
    assertThat(sum.errors()).isEqualTo(Map.of("TRUNCATED", 2L));
    assertThat(sum.completionLengths().count()).isEqualTo(200);
    assertThat(sum.promptTokens()).isEqualTo(60_000);
  }
}
