package ai.falaj.jobs.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.analytics.AnalyticsSpec;
import ai.falaj.operators.analytics.Budget;
import ai.falaj.operators.analytics.Grouping;
import ai.falaj.operators.analytics.LabelField;
import ai.falaj.operators.analytics.NameLimits;
import ai.falaj.operators.analytics.Price;
import ai.falaj.operators.analytics.TrendSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalyticsSettingsTest {

  private static Configuration options(String... keysAndValues) {
    Map<String, String> options = new HashMap<>();
    options.put("falaj.bootstrap.servers", "kafka:9092");
    options.put("falaj.schema-registry.url", "http://registry:8081");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Configuration.fromMap(options);
  }

  private static AnalyticsSettings settings(String... keysAndValues) {
    return AnalyticsSettings.from(options(keysAndValues));
  }

  @Test
  void hasDefaultsForAllButTheAddresses() {
    AnalyticsSettings settings = settings();

    assertThat(settings.job().jobName()).isEqualTo("falaj-analytics");
    assertThat(settings.job().groupId()).isEqualTo("falaj-analytics");
    assertThat(settings.usageTopic()).isEqualTo("falaj.usage");
    assertThat(settings.labelsTopic()).isEqualTo("falaj.labels");
    assertThat(settings.alertsTopic()).isEqualTo("falaj.budget-alerts");
    assertThat(settings.chunks()).isTrue();
    assertThat(settings.outOfOrderness()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.idleness()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.windows()).isEqualTo(AnalyticsSpec.DEFAULT);
    assertThat(settings.events().prices().prices()).isEmpty();
    assertThat(settings.events().templateMetadata()).isEqualTo("template");
    assertThat(settings.events().labels()).isEqualTo(LabelField.NONE);
    assertThat(settings.events().maxAhead()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void takesEveryOption() {
    AnalyticsSettings settings =
        settings(
            "falaj.job.name", "counting",
            "falaj.analytics.usage-topic", "u",
            "falaj.analytics.labels-topic", "l",
            "falaj.analytics.alerts-topic", "a",
            "falaj.analytics.chunks", "false",
            "falaj.analytics.groupings", "ALL;TENANT",
            "falaj.analytics.out-of-orderness", "7 s",
            "falaj.analytics.idleness", "8 s",
            "falaj.analytics.allowed-lateness", "9 s",
            "falaj.analytics.max-ahead", "10 s",
            "falaj.analytics.update-interval", "11 s",
            "falaj.analytics.template-metadata", "prompt",
            "falaj.analytics.max-tenants", "1",
            "falaj.analytics.max-models", "2",
            "falaj.analytics.max-templates", "3",
            "falaj.analytics.max-combinations", "4",
            "falaj.analytics.max-labels", "5",
            "falaj.analytics.label-field", "/category",
            "falaj.analytics.top-labels", "6",
            "falaj.analytics.trend-windows", "12",
            "falaj.analytics.trend-warm-up", "13",
            "falaj.analytics.burst-deviations", "3.5",
            "falaj.analytics.burst-min-count", "14",
            "falaj.analytics.label-history-time", "15 h",
            "falaj.analytics.budget-period", "1 h",
            "falaj.analytics.budget-thresholds", "90;50",
            "falaj.analytics.prices.k2-v2.0.prompt", "0.60",
            "falaj.analytics.prices.k2-v2.0.cached", "0.06",
            "falaj.analytics.prices.k2-v2.0.completion", "2.40",
            "falaj.analytics.prices.small.prompt", "0.1",
            "falaj.analytics.prices.small.completion", "0.2",
            "falaj.analytics.budgets.acme.corp.tokens", "1000",
            "falaj.analytics.budgets.acme.corp.cost", "1.5",
            "falaj.analytics.budgets.b.cost", "2");

    assertThat(settings.job().jobName()).isEqualTo("counting");
    assertThat(settings.usageTopic()).isEqualTo("u");
    assertThat(settings.labelsTopic()).isEqualTo("l");
    assertThat(settings.alertsTopic()).isEqualTo("a");
    assertThat(settings.chunks()).isFalse();
    assertThat(settings.outOfOrderness()).isEqualTo(Duration.ofSeconds(7));
    assertThat(settings.idleness()).isEqualTo(Duration.ofSeconds(8));
    assertThat(settings.events().maxAhead()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.events().templateMetadata()).isEqualTo("prompt");
    assertThat(settings.events().labels().pointer()).isEqualTo("/category");
    assertThat(settings.events().prices().prices())
        .isEqualTo(
            Map.of(
                "k2-v2.0",
                new Price(new BigDecimal("0.60"), new BigDecimal("0.06"), new BigDecimal("2.40")),
                "small",
                new Price(new BigDecimal("0.1"), new BigDecimal("0.1"), new BigDecimal("0.2"))));
    AnalyticsSpec windows = settings.windows();
    assertThat(windows.groupings()).containsExactlyInAnyOrder(Grouping.ALL, Grouping.TENANT);
    assertThat(windows.allowedLateness()).isEqualTo(Duration.ofSeconds(9));
    assertThat(windows.updateInterval()).isEqualTo(Duration.ofSeconds(11));
    assertThat(windows.limits())
        .isEqualTo(
            new NameLimits(1, 2, 3, 4, 5, Set.of("acme.corp", "b"), Set.of("k2-v2.0", "small")));
    assertThat(windows.topLabels()).isEqualTo(6);
    assertThat(windows.trend()).isEqualTo(new TrendSettings(12, 13, 3.5, 14));
    assertThat(windows.labelHistoryTime()).isEqualTo(Duration.ofHours(15));
    assertThat(windows.budgets().period()).isEqualTo(Duration.ofHours(1));
    assertThat(windows.budgets().thresholdsPercent()).isEqualTo(List.of(50, 90));
    assertThat(windows.budgets().budgets())
        .isEqualTo(
            Map.of(
                "acme.corp", new Budget(1_000, 1_500_000_000), "b", new Budget(0, 2_000_000_000)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falaj.analytics.usage-topics|x|falaj.analytics.usage-topics is no option of this job; docs/OPTIONS.md has a list of them",
        "falaj.analytics.usage-topic|falaj.completions|falaj.topic.completions and falaj.analytics.usage-topic are both 'falaj.completions'; give each its own topic",
        "falaj.analytics.labels-topic|falaj.usage|falaj.analytics.usage-topic and falaj.analytics.labels-topic are both 'falaj.usage'; give each its own topic",
        "falaj.analytics.out-of-orderness|-1 ms|Could not parse value '-1 ms' for key 'falaj.analytics.out-of-orderness'.",
        "falaj.analytics.idleness|0 s|falaj.analytics.idleness is 0 ms; it must be more than 0, as an empty partition holds all windows open",
        "falaj.analytics.allowed-lateness|2 h|allowed lateness is 7200000 ms; give 0 to 3600000 ms (at or near falaj.analytics.allowed-lateness)",
        "falaj.analytics.update-interval|0 s|the update interval is 0 ms; it must be at least 1 ms (at or near falaj.analytics.allowed-lateness)",
        "falaj.analytics.max-labels|0|a limit of names is 0; allow at least 1 (at or near falaj.analytics.max-tenants)",
        "falaj.analytics.label-field|category|'category' is no JSON pointer; write it as /category (at or near falaj.analytics.label-field)",
        "falaj.analytics.trend-windows|0|windows is 0; a usual count needs at least 1 (at or near falaj.analytics.trend-windows)",
        "falaj.analytics.budget-period|15 s|the period of budgets is 15000 ms; give a multiple of 10 s (at or near falaj.analytics.budget-period)",
        "falaj.analytics.prices.k2.prompt|cheap|falaj.analytics.prices.k2.prompt is 'cheap'; give a decimal number, such as 0.60",
        "falaj.analytics.prices.k2.prompt|0.6|falaj.analytics.prices.k2.completion is not set, but the model has a price; set it beside falaj.analytics.prices.k2.prompt",
        "falaj.analytics.budgets.acme.tokens|0|the budget of tenant 'acme' is nothing; set falaj.analytics.budgets.acme.tokens or falaj.analytics.budgets.acme.cost above 0, or remove them",
        "falaj.modle|x|falaj.modle is no option of this job; did you mean falaj.model?"
      })
  void refusesWhatCannotBe(String key, String value, String message) {
    assertThatThrownBy(() -> settings(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesNegativePrices() {
    assertThatThrownBy(
            () ->
                settings(
                    "falaj.analytics.prices.k2.prompt", "-1",
                    "falaj.analytics.prices.k2.completion", "1"))
        .hasMessage("a price is -1; give 0 to 1000000; correct falaj.analytics.prices.k2.*");
  }

  @Test
  void showsNoSecret() {
    assertThat(settings("falaj.kafka.properties.sasl.jaas.config", "secret").toString())
        .isEqualTo("AnalyticsSettings[falaj-analytics]");
  }

  @Test
  void everyOperatorHasAUidOfItsOwn() {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    AnalyticsJob.build(env, options());

    List<String> uids =
        env.getStreamGraph(false).getStreamNodes().stream()
            .map(StreamNode::getTransformationUID)
            .toList();
    assertThat(uids).doesNotContainNull().doesNotHaveDuplicates().hasSizeGreaterThan(8);
  }
}
