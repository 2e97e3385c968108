package ai.falaj.jobs.dashboard.browser;

import static org.junit.jupiter.api.Assumptions.abort;

import ai.falaj.jobs.analytics.AnalyticsJob;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.StartingOffsets;
import ai.falaj.jobs.dashboard.Dashboard;
import ai.falaj.jobs.dashboard.DashboardSettings;
import ai.falaj.jobs.dashboard.feed.FeedTopics;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.jobs.web.AccessToken;
import ai.falaj.jobs.web.ListenSettings;
import ai.falaj.jobs.web.NodeScripts;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser, over a real pipeline: first the figures of an hour that was replayed,
 * while nothing else happens, then each view while a job answers.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardBrowserIT {

  private static final int PARTITIONS = 2;
  private static final String MODEL = "scripted-arabic";
  private static final String TOKEN = "a token that nobody guesses 5317";
  private static final long LIMIT_S = 300;
  private static final List<String> CHROMIUMS =
      List.of("chromium", "chromium-browser", "google-chrome");

  @TempDir static Path directory;

  private static NodeScripts scripts;
  private static Path jobs;
  private static Path records;
  private static LocalStack stack;
  private static Dashboard open;
  private static Dashboard closed;

  @BeforeAll
  static void start() throws Exception {
    Path home = Path.of(System.getProperty("falaj.home"));
    jobs = home.resolve("jobs");
    scripts =
        NodeScripts.install(
            jobs.resolve("src/test/browser"),
            jobs.resolve("target/browser"),
            Map.of("CHROMIUM", chromium()));
    stack =
        LocalStack.start(
            LocalStackOptions.in(home, directory.resolve("state"), directory.resolve("logs"))
                .withPorts(StackPorts.EPHEMERAL)
                .withTopics(Connection.defaultTopics(), PARTITIONS));
    for (String topic : new String[] {Topics.USAGE, Topics.LABELS, Topics.BUDGET_ALERTS}) {
      LocalTopics.createCompacted(stack.kafka().bootstrapServers(), topic);
    }
    records = directory.resolve("records.jsonl");
    Instant hour = Instant.now().minus(Duration.ofMinutes(90)).truncatedTo(ChronoUnit.MINUTES);
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection().registry())) {
      new ReplayedHour(20_261_124, hour, PARTITIONS, registry)
          .write(stack.kafka().bootstrapServers(), records);
    }
    startAnalytics();
    open = dashboard(Optional.empty(), true);
    closed = dashboard(Optional.of(AccessToken.of(TOKEN)), false);
  }

  @AfterAll
  static void stop() {
    for (Dashboard dashboard : new Dashboard[] {open, closed}) {
      if (dashboard != null) {
        dashboard.close();
      }
    }
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(0)
  void theModulesOfThePageDoWhatTheyShould() throws Exception {
    scripts.run(
        "types", Map.of(), LIMIT_S, List.of("node_modules/.bin/tsc", "-p", "tsconfig.json"));
    scripts.test("unit", Map.of(), LIMIT_S, "unit/");
  }

  @Test
  @Order(1)
  void theFiguresAreThoseOfAnIndependentCount() throws Exception {
    run("figures");
  }

  @Test
  @Order(2)
  void eachViewShowsAndDoesWhatItShould() throws Exception {
    startCompletions();

    run("views");
  }

  @Test
  @Order(3)
  void asksForItsTokenAndHidesTexts() throws Exception {
    run("access");
  }

  private static String chromium() {
    return Optional.ofNullable(System.getenv("CHROMIUM"))
        .or(() -> CHROMIUMS.stream().flatMap(name -> NodeScripts.onPath(name).stream()).findFirst())
        .orElseGet(() -> abort("skipped: no chromium on the PATH, and CHROMIUM names none"));
  }

  private static Connection connection() {
    return Connection.of(stack.kafka().bootstrapServers(), stack.registry().url());
  }

  private static Dashboard dashboard(Optional<AccessToken> token, boolean showPrompts) {
    Connection connection = connection();
    return Dashboard.start(
        new DashboardSettings(
            connection,
            FeedTopics.of(connection),
            Optional.of(stack.flink().url()),
            ListenSettings.loopback(0),
            token,
            Duration.ofHours(2),
            showPrompts,
            false));
  }

  private static void startAnalytics() throws Exception {
    Map<String, String> options = new HashMap<>();
    options.put("falaj.bootstrap.servers", stack.kafka().bootstrapServers());
    options.put("falaj.schema-registry.url", stack.registry().url());
    options.put("falaj.checkpoint.interval", "1 s");
    options.put("falaj.analytics.out-of-orderness", "1 min");
    options.put("falaj.analytics.update-interval", "500 ms");
    options.put("falaj.analytics.label-field", "/category");
    options.put("falaj.analytics.budgets.acme.tokens", "20000");
    Configuration configuration = Configuration.fromMap(options);
    StreamExecutionEnvironment environment = stack.flink().environment(configuration);
    environment.setParallelism(1);
    AnalyticsJob.build(environment, configuration);
    environment.executeAsync("analytics");
  }

  /** From now on: the prompts of the hour have been answered. */
  private static void startCompletions() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(CompletionOptions.BOOTSTRAP_SERVERS, stack.kafka().bootstrapServers());
    configuration.set(CompletionOptions.SCHEMA_REGISTRY_URL, stack.registry().url());
    configuration.set(CompletionOptions.STARTING_OFFSETS, StartingOffsets.LATEST);
    configuration.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofSeconds(1));
    StreamExecutionEnvironment environment = stack.flink().environment(configuration);
    environment.setParallelism(1);
    FakeRuntimeSpec runtime =
        FakeRuntimeSpec.builder(MODEL)
            .maxSequences(8)
            .contextTokens(4_096)
            .stepDelay(Duration.ofMillis(20))
            .reasoning()
            .build();
    CompletionJob.build(environment, configuration, runtime);
    environment.executeAsync("completions");
  }

  private static void run(String name) throws Exception {
    Path screenshots = Files.createDirectories(jobs.resolve("target/browser/screenshots"));
    scripts.test(
        name,
        Map.of(
            "TZ",
            "UTC",
            "DASHBOARD_URL",
            open.url().toString(),
            "DASHBOARD_CLOSED_URL",
            closed.url().toString(),
            "DASHBOARD_TOKEN",
            TOKEN,
            "DASHBOARD_MODEL",
            MODEL,
            "DASHBOARD_LARGE_REQUEST",
            ReplayedHour.LARGE_REQUEST,
            "DASHBOARD_RECORDS",
            records.toString(),
            "DASHBOARD_SCREENSHOTS",
            screenshots.toString()),
        LIMIT_S,
        "browser/" + name + ".test.js");
  }
}
