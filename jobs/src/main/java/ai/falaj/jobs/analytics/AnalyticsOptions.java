package ai.falaj.jobs.analytics;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.analytics.AnalyticsSpec;
import ai.falaj.operators.analytics.BudgetSettings;
import ai.falaj.operators.analytics.Grouping;
import ai.falaj.operators.analytics.NameLimits;
import ai.falaj.operators.analytics.TrendSettings;
import ai.falaj.schemas.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/**
 * The options that an {@link AnalyticsJob} has beside those of the completion job for topics,
 * Kafka, the registry and delivery, which it takes too; prices and budgets are {@link
 * TariffOptions}.
 */
public final class AnalyticsOptions {

  /** Of every option here. */
  public static final String PREFIX = "falaj.analytics.";

  public static final ConfigOption<String> USAGE_TOPIC =
      key("falaj.analytics.usage-topic")
          .stringType()
          .defaultValue(Topics.USAGE)
          .withDescription("Topic for windows of usage; let the broker compact it.");

  public static final ConfigOption<String> LABELS_TOPIC =
      key("falaj.analytics.labels-topic")
          .stringType()
          .defaultValue(Topics.LABELS)
          .withDescription("Topic for windows of labels; let the broker compact it.");

  public static final ConfigOption<String> ALERTS_TOPIC =
      key("falaj.analytics.alerts-topic")
          .stringType()
          .defaultValue(Topics.BUDGET_ALERTS)
          .withDescription("Topic for budget alerts; let the broker compact it.");

  public static final ConfigOption<Boolean> CHUNKS =
      key("falaj.analytics.chunks")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether chunks are read, which show what is being written before completions tell;"
                  + " they are most of the records there are.");

  public static final ConfigOption<List<Grouping>> GROUPINGS =
      key("falaj.analytics.groupings")
          .enumType(Grouping.class)
          .asList()
          .defaultValues(Grouping.values())
          .withDescription(
              "Which rows there are, separated by semicolons: over all, for each tenant, model or"
                  + " template, for each combination of the three. Each costs a merge per sum.");

  public static final ConfigOption<Duration> OUT_OF_ORDERNESS =
      key("falaj.analytics.out-of-orderness")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription(
              "How far the watermark stays behind the newest record. Longer closes windows later and"
                  + " has fewer rows written anew.");

  public static final ConfigOption<Duration> IDLENESS =
      key("falaj.analytics.idleness")
          .durationType()
          .defaultValue(Duration.ofSeconds(30))
          .withDescription(
              "When a partition without records stops holding the windows of the others open."
                  + " Shorter makes what comes after a pause late.");

  public static final ConfigOption<Duration> ALLOWED_LATENESS =
      key("falaj.analytics.allowed-lateness")
          .durationType()
          .defaultValue(AnalyticsSpec.DEFAULT.allowedLateness())
          .withDescription(
              "How long after the close of its ten seconds a record still changes the rows; later"
                  + " ones are counted and left out. Longer keeps more windows in the state; at most"
                  + " 1 h.");

  public static final ConfigOption<Duration> MAX_AHEAD =
      key("falaj.analytics.max-ahead")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "Records further ahead of the TaskManager's clock are left out: a single one would"
                  + " close all windows. Longer bears clocks that differ more.");

  public static final ConfigOption<Duration> UPDATE_INTERVAL =
      key("falaj.analytics.update-interval")
          .durationType()
          .defaultValue(AnalyticsSpec.DEFAULT.updateInterval())
          .withDescription(
              "How often at most a row is written before its window closes, and after. Shorter is"
                  + " livelier and writes more; nothing is seen before the next checkpoint anyway.");

  public static final ConfigOption<String> TEMPLATE_METADATA =
      key("falaj.analytics.template-metadata")
          .stringType()
          .defaultValue("template")
          .withDescription("Key of the prompt's metadata that names its template.");

  public static final ConfigOption<Integer> MAX_TENANTS =
      limit(
          "tenants",
          NameLimits.DEFAULT.tenants(),
          "Tenants that have rows of their own at a time, beside those with a budget; all others"
              + " share (other). Names come from clients: this bounds the state.");

  public static final ConfigOption<Integer> MAX_MODELS =
      limit(
          "models", NameLimits.DEFAULT.models(), "The same of models, beside those with a price.");

  public static final ConfigOption<Integer> MAX_TEMPLATES =
      limit("templates", NameLimits.DEFAULT.templates(), "The same of templates.");

  public static final ConfigOption<Integer> MAX_COMBINATIONS =
      limit(
          "combinations",
          NameLimits.DEFAULT.combinations(),
          "The same of combinations of tenant, model and template.");

  public static final ConfigOption<Integer> MAX_LABELS =
      limit("labels", NameLimits.DEFAULT.labels(), "The same of labels.");

  public static final ConfigOption<String> LABEL_FIELD =
      key("falaj.analytics.label-field")
          .stringType()
          .defaultValue("")
          .withDescription(
              "Where structured answers have their label, or a list of them, as a JSON pointer such"
                  + " as /category. Empty: answers are not looked at, which saves parsing them.");

  public static final ConfigOption<Integer> TOP_LABELS =
      key("falaj.analytics.top-labels")
          .intType()
          .defaultValue(AnalyticsSpec.DEFAULT.topLabels())
          .withDescription("Labels that a row shows, the most frequent ones.");

  public static final ConfigOption<Integer> TREND_WINDOWS =
      key("falaj.analytics.trend-windows")
          .intType()
          .defaultValue(TrendSettings.DEFAULT.windows())
          .withDescription(
              "Windows over which the usual count of a label is averaged. More find slow changes,"
                  + " fewer get used to new levels sooner.");

  public static final ConfigOption<Integer> TREND_WARM_UP =
      key("falaj.analytics.trend-warm-up")
          .intType()
          .defaultValue(TrendSettings.DEFAULT.warmUpWindows())
          .withDescription(
              "Windows after a group's first label before anything is called a trend or a burst.");

  public static final ConfigOption<Double> BURST_DEVIATIONS =
      key("falaj.analytics.burst-deviations")
          .doubleType()
          .defaultValue(TrendSettings.DEFAULT.burstDeviations())
          .withDescription(
              "Standard deviations above its usual count that make a label's count a burst. Fewer"
                  + " find more bursts and more chance.");

  public static final ConfigOption<Long> BURST_MIN_COUNT =
      key("falaj.analytics.burst-min-count")
          .longType()
          .defaultValue(TrendSettings.DEFAULT.burstMinCount())
          .withDescription("A lower count is no burst, whatever is usual.");

  public static final ConfigOption<Duration> LABEL_HISTORY_TIME =
      key("falaj.analytics.label-history-time")
          .durationType()
          .defaultValue(AnalyticsSpec.DEFAULT.labelHistoryTime())
          .withDescription(
              "After this long without a label, what was usual for a group is forgotten.");

  public static final ConfigOption<Duration> BUDGET_PERIOD =
      key("falaj.analytics.budget-period")
          .durationType()
          .defaultValue(BudgetSettings.NONE.period())
          .withDescription(
              "What budgets are for; periods begin at multiples of it since 1970, so days are those"
                  + " of UTC. A multiple of 10 s.");

  public static final ConfigOption<List<Integer>> BUDGET_THRESHOLDS =
      key("falaj.analytics.budget-thresholds")
          .intType()
          .asList()
          .defaultValues(BudgetSettings.NONE.thresholdsPercent().toArray(Integer[]::new))
          .withDescription(
              "Percentages of a budget, separated by semicolons, that make an alert when they are"
                  + " reached.");

  private AnalyticsOptions() {}

  /** All options, for documentation and for finding misspelt ones. */
  public static List<ConfigOption<?>> all() {
    return List.of(
        USAGE_TOPIC,
        LABELS_TOPIC,
        ALERTS_TOPIC,
        CHUNKS,
        GROUPINGS,
        OUT_OF_ORDERNESS,
        IDLENESS,
        ALLOWED_LATENESS,
        MAX_AHEAD,
        UPDATE_INTERVAL,
        TEMPLATE_METADATA,
        MAX_TENANTS,
        MAX_MODELS,
        MAX_TEMPLATES,
        MAX_COMBINATIONS,
        MAX_LABELS,
        LABEL_FIELD,
        TOP_LABELS,
        TREND_WINDOWS,
        TREND_WARM_UP,
        BURST_DEVIATIONS,
        BURST_MIN_COUNT,
        LABEL_HISTORY_TIME,
        BUDGET_PERIOD,
        BUDGET_THRESHOLDS);
  }

  private static ConfigOption<Integer> limit(String names, int defaultValue, String description) {
    return key(PREFIX + "max-" + names)
        .intType()
        .defaultValue(defaultValue)
        .withDescription(description);
  }
}
