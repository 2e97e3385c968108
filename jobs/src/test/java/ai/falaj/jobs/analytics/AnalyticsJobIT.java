package ai.falaj.jobs.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.LabelCount;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.UsageWindow;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.RecordDeserializer;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole job between a real broker and a real registry. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class AnalyticsJobIT {

  private static final int PARTITIONS = 2;
  private static final long SEED = 8;
  private static final BigDecimal PROMPT_PRICE = new BigDecimal("0.60");
  private static final BigDecimal COMPLETION_PRICE = new BigDecimal("2.4");
  private static final long ACME_TOKENS = 150_000;

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static ConfluentSchemaRegistry registry;

  @BeforeAll
  static void startServers() {
    services = KafkaAndRegistry.start(directory);
    registry = new ConfluentSchemaRegistry(RegistryConfig.of(services.registryUrl()));
    LocalTopics.create(
        services.bootstrapServers(),
        List.of(Topics.COMPLETIONS, Topics.DEAD_LETTERS, Topics.CHUNKS),
        PARTITIONS);
    for (String topic : List.of(Topics.USAGE, Topics.LABELS, Topics.BUDGET_ALERTS)) {
      LocalTopics.createCompacted(services.bootstrapServers(), topic);
    }
  }

  @AfterAll
  static void stopServers() {
    if (registry != null) {
      registry.close();
    }
    if (services != null) {
      services.close();
    }
  }

  /**
   * Half before and half after a savepoint, from which the job goes on with another parallelism.
   */
  @Test
  void rowsAreWhatAnIndependentReaderOfTheTopicsComputes() throws Exception {
    Instant start = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(6));
    Instant middle = start.plus(Duration.ofMinutes(40));
    Instant end = start.plus(Duration.ofMinutes(75));
    Instant afterAll = start.plus(Duration.ofHours(5));
    TopicReader topics = new TopicReader(services.bootstrapServers(), registry);

    try (ResultGenerator generator =
        new ResultGenerator(SEED, PARTITIONS, services.bootstrapServers(), registry)) {
      generator.write(start, middle);
      JobClient first = start(2, null);
      awaitRows(first, topics, start.plus(Duration.ofMinutes(20)));
      String savepoint =
          first
              .stopWithSavepoint(
                  false,
                  directory.resolve("savepoints").toUri().toString(),
                  SavepointFormatType.CANONICAL)
              .get(60, TimeUnit.SECONDS);
      generator.write(middle, end);
      generator.writeEverywhere(afterAll);
      JobClient second = start(1, savepoint);
      awaitRows(second, topics, start.plus(Duration.ofHours(1)));
      second.cancel().get(60, TimeUnit.SECONDS);
    }

    ExpectedWindows expected = expected(topics, afterAll);
    Map<String, UsageWindow> usage = before(afterAll, topics);
    assertThat(usage.keySet()).isEqualTo(expected.byKey().keySet());
    usage.forEach((key, row) -> ExpectedWindows.assertEqual(key, row, expected.byKey().get(key)));
    assertLabels(topics, expected);
    assertAlerts(topics, start, usage);
  }

  private static void assertLabels(TopicReader topics, ExpectedWindows expected) {
    Map<String, LabelWindow> rows = topics.lastByKey(LabelWindow.class, Topics.LABELS);
    expected
        .byKey()
        .forEach(
            (key, figures) -> {
              if (!figures.labels.isEmpty()) {
                assertThat(rows.get(key).getLabels().stream())
                    .as(key)
                    .allSatisfy(
                        label ->
                            assertThat(label.getCount())
                                .isEqualTo(figures.labels.get(label.getLabel())))
                    .hasSameSizeAs(figures.labels.keySet());
                assertThat(rows.get(key).getLabels().stream().mapToLong(LabelCount::getCount).sum())
                    .isEqualTo(rows.get(key).getOccurrences());
              }
            });
  }

  /** Tokens of the tenant by hour, from the rows of the hours. */
  private static void assertAlerts(
      TopicReader topics, Instant start, Map<String, UsageWindow> usage) {
    List<BudgetAlert> alerts = topics.all(BudgetAlert.class, Topics.BUDGET_ALERTS);
    assertThat(alerts).isNotEmpty();
    Map<String, Integer> expected = new HashMap<>();
    for (int hour = 0; hour < 2; hour++) {
      Instant period = start.plus(Duration.ofHours(hour));
      UsageWindow row = usage.get("1h|" + period + "|TENANT|acme");
      long used = row.getPromptTokens() + row.getCompletionTokens();
      for (int percent : List.of(80, 100)) {
        if (used >= ACME_TOKENS * percent / 100) {
          expected.put(period + " " + percent, 1);
        }
      }
    }
    Map<String, Integer> told =
        alerts.stream()
            .filter(alert -> alert.getPeriodStart().isBefore(start.plus(Duration.ofHours(2))))
            .collect(
                Collectors.toMap(
                    alert -> alert.getPeriodStart() + " " + alert.getThresholdPercent(),
                    alert -> 1,
                    Integer::sum));
    assertThat(told).isEqualTo(expected).isNotEmpty();
  }

  private static ExpectedWindows expected(TopicReader topics, Instant before) {
    ExpectedWindows expected = new ExpectedWindows(before);
    topics
        .all(Completion.class, Topics.COMPLETIONS)
        .forEach(completion -> expected.add(completion, PROMPT_PRICE, COMPLETION_PRICE));
    RecordDeserializer<PromptRequest> prompts =
        new RecordDeserializer<>(PromptRequest.class, registry);
    topics
        .all(DeadLetter.class, Topics.DEAD_LETTERS)
        .forEach(letter -> expected.add(letter, prompts));
    topics.all(CompletionChunk.class, Topics.CHUNKS).forEach(expected::add);
    return expected;
  }

  private static Map<String, UsageWindow> before(Instant instant, TopicReader topics) {
    Map<String, UsageWindow> rows = topics.lastByKey(UsageWindow.class, Topics.USAGE);
    rows.values().removeIf(row -> !row.getWindowStart().isBefore(instant));
    return rows;
  }

  /** Until the window of an hour that holds that instant, or one of a minute, has closed. */
  private static void awaitRows(JobClient job, TopicReader topics, Instant instant)
      throws InterruptedException {
    Instant hour = instant.truncatedTo(ChronoUnit.HOURS);
    String size = hour.equals(instant) ? "1h" : "1m";
    String key = size + "|" + instant + "|ALL";
    while (true) {
      UsageWindow row = topics.lastByKey(UsageWindow.class, Topics.USAGE).get(key);
      if (row != null && row.getClosed()) {
        return;
      }
      assertThat(job.getJobExecutionResult()).as("the job, before %s", key).isNotDone();
      Thread.sleep(300);
    }
  }

  private static JobClient start(int parallelism, String savepoint) throws Exception {
    Configuration flink = new Configuration();
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    if (savepoint != null) {
      flink.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
    env.setParallelism(parallelism);
    Map<String, String> options = new HashMap<>();
    options.put("falaj.bootstrap.servers", services.bootstrapServers());
    options.put("falaj.schema-registry.url", services.registryUrl());
    options.put("falaj.checkpoint.interval", "500 ms");
    options.put("falaj.analytics.idleness", "10 min"); // every partition has records to the end
    options.put("falaj.analytics.update-interval", "200 ms");
    options.put("falaj.analytics.label-field", "/category");
    options.put("falaj.analytics.prices.k2.prompt", PROMPT_PRICE.toString());
    options.put("falaj.analytics.prices.k2.completion", COMPLETION_PRICE.toString());
    options.put("falaj.analytics.budgets.acme.tokens", Long.toString(ACME_TOKENS));
    options.put("falaj.analytics.budget-period", "1 h");
    AnalyticsJob.build(env, Configuration.fromMap(options));
    return env.executeAsync();
  }
}
