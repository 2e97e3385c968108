package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.BudgetAlert;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request of {@link Events} uses 15 tokens and costs 1,000 billionths. */
class BudgetFunctionTest {

  private static final Duration PERIOD = Duration.ofMinutes(10);
  private static final String PERIOD_START = Instant.ofEpochMilli(Events.START_MS).toString();

  private PipelineFixture pipeline;

  @BeforeEach
  void open() throws Exception {
    pipeline = new PipelineFixture(spec());
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private static AnalyticsSpec spec() {
    return new AnalyticsSpec(
        Set.of(Grouping.ALL),
        Duration.ofMinutes(1),
        Duration.ofSeconds(2),
        new NameLimits(1, 1, 1, 1, 1, Set.of("acme", "a|b"), Set.of()),
        10,
        TrendSettings.DEFAULT,
        Duration.ofDays(1),
        new BudgetSettings(
            Map.of("acme", new Budget(150, 0), "a|b", new Budget(0, 2_000)),
            PERIOD,
            List.of(80, 100)));
  }

  private void ask(String tenant, int requests, long afterMs) throws Exception {
    for (int i = 0; i < requests; i++) {
      pipeline.event(Events.answered(afterMs, tenant));
      pipeline.watermark(afterMs);
    }
  }

  @Test
  void tellsOfEachThresholdOnceWhileThePeriodRuns() throws Exception {
    ask("acme", 7, 5_000); // 105 of 150
    assertThat(pipeline.alerts()).isEmpty();

    ask("acme", 1, 6_000); // 120 are 80%

    assertThat(pipeline.alerts()).containsOnlyKeys("acme|TOKENS|" + PERIOD_START + "|80");
    BudgetAlert alert = pipeline.alerts().values().iterator().next();
    assertThat(alert.getUsed()).isEqualTo(120);
    assertThat(alert.getBudget()).isEqualTo(150);
    assertThat(alert.getReachedAt()).isEqualTo(Instant.parse(PERIOD_START).plusSeconds(10));
    assertThat(alert.getPeriodEnd()).isEqualTo(Instant.parse(PERIOD_START).plus(PERIOD));

    ask("acme", 10, 7_000);

    assertThat(pipeline.alerts())
        .containsOnlyKeys(
            "acme|TOKENS|" + PERIOD_START + "|80", "acme|TOKENS|" + PERIOD_START + "|100");
  }

  @Test
  void watchesCostsAndEscapesNames() throws Exception {
    ask("a|b", 2, 5_000);

    assertThat(pipeline.alerts())
        .containsOnlyKeys(
            "a%7Cb|COST|" + PERIOD_START + "|80", "a%7Cb|COST|" + PERIOD_START + "|100");
  }

  @Test
  void aNewPeriodBeginsWithNothingUsed() throws Exception {
    ask("acme", 9, 5_000);
    ask("acme", 7, PERIOD.toMillis() + 5_000);

    assertThat(pipeline.alerts()).hasSize(1);

    ask("acme", 1, PERIOD.toMillis() + 5_000);

    assertThat(pipeline.alerts()).hasSize(2);
  }

  @Test
  void remembersAfterAFailureWhatItHasTold() throws Exception {
    ask("acme", 9, 5_000);
    pipeline = pipeline.restart(spec()); // the fixture refuses an alert that comes twice
    ask("acme", 1, 6_000);

    assertThat(pipeline.alerts()).hasSize(2);
  }

  @Test
  void tenantsWithoutABudgetAndDeadLettersSpendNothing() throws Exception {
    ask("nobody", 100, 5_000);
    for (int i = 0; i < 100; i++) {
      pipeline.event(Events.failed(5_000, "acme"));
    }
    pipeline.endOfInput();

    assertThat(pipeline.alerts()).isEmpty();
    assertThat(pipeline.eventTimeTimers()).isZero();
  }

  @Test
  void refusesPeriodsThatDoNotFitTheWindows() {
    assertThatThrownBy(() -> new BudgetSettings(Map.of(), Duration.ofSeconds(15), List.of(80)))
        .hasMessage("the period of budgets is 15000 ms; give a multiple of 10 s");
    assertThatThrownBy(() -> new BudgetSettings(Map.of(), PERIOD, List.of()))
        .hasMessageContaining("percentages");
  }
}
