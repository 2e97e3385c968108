package ai.falaj.jobs.enrich.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.jobs.enrich.EnrichmentFile.Price;
import ai.falaj.jobs.enrich.SampleJob;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanTest {

  /** 50 records of which 40 were asked, in 10 seconds. */
  private static final SampleJob.Result SAMPLE =
      new SampleJob.Result(50, 40, 2, 4_000, 3_000, 800, 10);

  @Test
  void scalesTheSampleUpAndPricesEveryBackendThatHasAPrice() {
    Map<String, Price> prices = new LinkedHashMap<>();
    prices.put("local", new Price("USD", null, null, null, 3.6, null));
    prices.put("server", new Price("EUR", 1.0, 0.1, 10.0, null, 800.0));
    prices.put("rented", new Price("USD", null, null, null, 7.2, 1_600.0));
    prices.put("half-known", new Price("USD", 1.0, null, null, null, null));

    Plan plan = Plan.of(1_000L, SAMPLE, "tiny", prices);

    assertThat(plan.expected()).isEqualTo(new Plan.Tokens(80_000, 60_000, 16_000));
    assertThat(plan.backends())
        .extracting(Plan.Backend::name)
        .containsExactly("local (tiny)", "server", "rented", "half-known");
    assertThat(plan.backends().get(0).seconds()).isEqualTo(200);
    assertThat(plan.backends().get(0).cost()).isCloseTo(0.2, within(1e-9));
    assertThat(plan.backends().get(1).seconds()).isEqualTo(20);
    assertThat(plan.backends().get(1).cost())
        .isCloseTo(0.02 * 1 + 0.06 * 0.1 + 0.016 * 10, within(1e-9));
    assertThat(plan.backends().get(2).cost()).isCloseTo(10 * 7.2 / 3_600, within(1e-9));
    assertThat(plan.backends().get(3).cost()).as("no price is made up").isNull();
    assertThat(plan.backends().get(3).seconds()).isNull();
    assertThat(PlanRun.lines(plan)).anyMatch(line -> line.contains("unknown"));
  }

  @Test
  void saysOfAnEndlessInputWhatTheSampleTook() {
    Plan plan = Plan.of(null, SAMPLE, "tiny", Map.of());
    assertThat(plan.expected().prompt()).isEqualTo(4_000);
    assertThat(PlanRun.lines(plan).get(0)).startsWith("? records");
  }
}
