package ai.falaj.jobs.analytics;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.operators.analytics.AnalyticsSpec;
import ai.falaj.operators.analytics.Budget;
import ai.falaj.operators.analytics.BudgetSettings;
import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.LabelField;
import ai.falaj.operators.analytics.NameLimits;
import ai.falaj.operators.analytics.PriceTable;
import ai.falaj.operators.analytics.TrendSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The options of an {@link AnalyticsJob}, checked against each other.
 *
 * @param job what it shares with the completion job
 * @param events how records are read
 * @param windows what is made of them
 */
public record AnalyticsSettings(
    CompletionSettings job,
    String usageTopic,
    String labelsTopic,
    String alertsTopic,
    boolean chunks,
    Duration outOfOrderness,
    Duration idleness,
    EventSpec events,
    AnalyticsSpec windows) {

  private static final String DEFAULT_NAME = "falaj-analytics";

  /**
   * Reads and checks the options of a job. Connects to nothing.
   *
   * @throws IllegalArgumentException with one line that names the values in conflict and the remedy
   */
  public static AnalyticsSettings from(ReadableConfig config) {
    checkForMisspeltOptions(config);
    PriceTable prices = TariffOptions.prices(config);
    AnalyticsSettings settings =
        new AnalyticsSettings(
            CompletionSettings.from(common(config)),
            config.get(AnalyticsOptions.USAGE_TOPIC),
            config.get(AnalyticsOptions.LABELS_TOPIC),
            config.get(AnalyticsOptions.ALERTS_TOPIC),
            config.get(AnalyticsOptions.CHUNKS),
            config.get(AnalyticsOptions.OUT_OF_ORDERNESS),
            config.get(AnalyticsOptions.IDLENESS),
            events(config, prices),
            windows(config, prices));
    settings.check();
    return settings;
  }

  private static void checkForMisspeltOptions(ReadableConfig config) {
    Set<String> known =
        AnalyticsOptions.all().stream().map(ConfigOption::key).collect(Collectors.toSet());
    for (String key : new TreeMap<>(config.toMap()).keySet()) {
      if (key.startsWith(AnalyticsOptions.PREFIX)
          && !known.contains(key)
          && !TariffOptions.isOption(key)) {
        throw new IllegalArgumentException(
            key + " is no option of this job; docs/OPTIONS.md has a list of them");
      }
    }
  }

  /** What the completion job may see, under a name of this job's own. */
  private static Configuration common(ReadableConfig config) {
    Configuration common = new Configuration();
    common.set(CompletionOptions.JOB_NAME, DEFAULT_NAME);
    common.set(CompletionOptions.GROUP_ID, DEFAULT_NAME);
    for (Map.Entry<String, String> setting : config.toMap().entrySet()) {
      if (!setting.getKey().startsWith(AnalyticsOptions.PREFIX)) {
        common.setString(setting.getKey(), setting.getValue());
      }
    }
    return common;
  }

  private static EventSpec events(ReadableConfig config, PriceTable prices) {
    LabelField labels =
        valid(
            AnalyticsOptions.LABEL_FIELD,
            () -> new LabelField(config.get(AnalyticsOptions.LABEL_FIELD)));
    return valid(
        AnalyticsOptions.MAX_AHEAD,
        () ->
            new EventSpec(
                prices,
                config.get(AnalyticsOptions.TEMPLATE_METADATA),
                labels,
                config.get(AnalyticsOptions.MAX_AHEAD)));
  }

  private static AnalyticsSpec windows(ReadableConfig config, PriceTable prices) {
    Map<String, Budget> budgets = TariffOptions.budgets(config);
    BudgetSettings budgetSettings =
        valid(
            AnalyticsOptions.BUDGET_PERIOD,
            () ->
                new BudgetSettings(
                    budgets,
                    config.get(AnalyticsOptions.BUDGET_PERIOD),
                    config.get(AnalyticsOptions.BUDGET_THRESHOLDS)));
    NameLimits limits =
        valid(
            AnalyticsOptions.MAX_TENANTS,
            () ->
                new NameLimits(
                    config.get(AnalyticsOptions.MAX_TENANTS),
                    config.get(AnalyticsOptions.MAX_MODELS),
                    config.get(AnalyticsOptions.MAX_TEMPLATES),
                    config.get(AnalyticsOptions.MAX_COMBINATIONS),
                    config.get(AnalyticsOptions.MAX_LABELS),
                    budgets.keySet(),
                    prices.prices().keySet()));
    TrendSettings trend =
        valid(
            AnalyticsOptions.TREND_WINDOWS,
            () ->
                new TrendSettings(
                    config.get(AnalyticsOptions.TREND_WINDOWS),
                    config.get(AnalyticsOptions.TREND_WARM_UP),
                    config.get(AnalyticsOptions.BURST_DEVIATIONS),
                    config.get(AnalyticsOptions.BURST_MIN_COUNT)));
    return valid(
        AnalyticsOptions.ALLOWED_LATENESS,
        () ->
            new AnalyticsSpec(
                Set.copyOf(config.get(AnalyticsOptions.GROUPINGS)),
                config.get(AnalyticsOptions.ALLOWED_LATENESS),
                config.get(AnalyticsOptions.UPDATE_INTERVAL),
                limits,
                config.get(AnalyticsOptions.TOP_LABELS),
                trend,
                config.get(AnalyticsOptions.LABEL_HISTORY_TIME),
                budgetSettings));
  }

  /** Makes values whose own check names them, but not their options: names those from there on. */
  private static <T> T valid(ConfigOption<?> first, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s (at or near %s)".formatted(e.getMessage(), first.key()), e);
    }
  }

  /** Those that are read and those that are written. */
  public List<String> topics() {
    List<String> topics =
        new ArrayList<>(
            List.of(
                job.completionsTopic(),
                job.deadLettersTopic(),
                usageTopic,
                labelsTopic,
                alertsTopic));
    if (chunks) {
      topics.add(job.chunksTopic());
    }
    return topics;
  }

  private void check() {
    if (outOfOrderness.isNegative()) {
      throw new IllegalArgumentException(
          "%s is %d ms; give 0 or more"
              .formatted(AnalyticsOptions.OUT_OF_ORDERNESS.key(), outOfOrderness.toMillis()));
    }
    if (idleness.toMillis() < 1) {
      throw new IllegalArgumentException(
          "%s is %d ms; it must be more than 0, as an empty partition holds all windows open"
              .formatted(AnalyticsOptions.IDLENESS.key(), idleness.toMillis()));
    }
    Map<String, String> optionOfTopic = new LinkedHashMap<>();
    optionOfTopic.put(job.completionsTopic(), CompletionOptions.COMPLETIONS_TOPIC.key());
    optionOfTopic.put(job.deadLettersTopic(), CompletionOptions.DEAD_LETTERS_TOPIC.key());
    optionOfTopic.put(job.chunksTopic(), CompletionOptions.CHUNKS_TOPIC.key());
    checkOwnTopic(AnalyticsOptions.USAGE_TOPIC, usageTopic, optionOfTopic);
    checkOwnTopic(AnalyticsOptions.LABELS_TOPIC, labelsTopic, optionOfTopic);
    checkOwnTopic(AnalyticsOptions.ALERTS_TOPIC, alertsTopic, optionOfTopic);
  }

  private static void checkOwnTopic(
      ConfigOption<String> option, String topic, Map<String, String> optionOfTopic) {
    String other = optionOfTopic.put(topic, option.key());
    if (other != null) {
      throw new IllegalArgumentException(
          "%s and %s are both '%s'; give each its own topic".formatted(other, option.key(), topic));
    }
  }

  /** Names no values: the job's settings may hold secrets. */
  @Override
  public String toString() {
    return "AnalyticsSettings[" + job.jobName() + "]";
  }
}
