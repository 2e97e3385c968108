package ai.falaj.jobs.container;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.chaos.LedgeredLoad;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.runtime.testing.TinyModels;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/**
 * The job in containers, whose processes are killed and whose network is cut under load. Each test
 * has topics and a job of its own on one cluster.
 */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ContainerJobsIT {

  private static final double PROMPTS_PER_SECOND = 6;
  private static final Duration WARM_UP = Duration.ofSeconds(60);
  private static final Duration BROKER_OUTAGE = Duration.ofSeconds(30);
  private static final Duration REGISTRY_OUTAGE = Duration.ofSeconds(10);
  private static final Duration DRAIN = Duration.ofSeconds(120);
  private static final String TINY_MODEL = "/models/tiny.gguf";

  @TempDir static Path directory;
  private static ContainerCluster cluster;

  private Connection connection;
  private Configuration options;

  @BeforeAll
  static void startCluster() throws Exception {
    Docker.assumeEngineAndImages();
    Path model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7);
    cluster = ContainerCluster.start(Map.of(TINY_MODEL, model.toString()));
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void createTopics(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    connection = cluster.topics(name);
    options = ContainerJob.options(name, connection);
  }

  /** What a test has left running would take the slots of the next. */
  @AfterEach
  void cancelJobs() throws Exception {
    for (var job : cluster.flink().rest().get("/jobs").path("jobs")) {
      if (!List.of("CANCELED", "FINISHED", "FAILED").contains(job.path("status").asText())) {
        ContainerJob.cancel(cluster, job.path("id").asText());
      }
    }
  }

  @Test
  void answersWithTheEngineOfTheImage() throws Exception {
    options.set(CompletionOptions.MODEL, TINY_MODEL);
    options.set(CompletionOptions.CONTEXT_TOKENS, 512);
    options.set(CompletionOptions.MAX_SEQUENCES, 4);
    options.set(CompletionOptions.THREADS, 1);
    FlinkRestClient rest = cluster.flink().rest();
    String jar = rest.upload(ContainerJob.JAR);
    String jobId =
        rest.run(
            jar,
            new FlinkRestClient.RunRequest(
                CompletionJob.class.getName(),
                options.toMap(),
                FlinkContainers.TASK_MANAGERS,
                null));
    cluster.flink().awaitRunning(jobId);

    List<Completion> completions = answers(List.of("one", "two", "three", "four"));

    assertThat(completions)
        .hasSize(4)
        .allSatisfy(
            completion -> {
              assertThat(completion.getProvenance().getEngine()).containsIgnoringCase("llama");
              assertThat(completion.getUsage().getCompletionTokens()).isBetween(1, 8);
            });
  }

  @Test
  void losesAndDoublesNothingWhenATaskManagerIsKilledMidGeneration() throws Exception {
    ContainerJob.start(cluster, options);
    try (LedgeredLoad load = LedgeredLoad.start(connection, 1, PROMPTS_PER_SECOND)) {
      load.awaitAnswered(10, WARM_UP);
      GenericContainer<?> victim = cluster.flink().taskManagers().get(0);

      Docker.kill(victim);
      Docker.startAgain(victim);
      load.awaitAnswered(load.answered() + 40, DRAIN);

      LedgeredLoad.Outcome outcome = load.finish(DRAIN);
      assertThatNothingIsLostOrDoubled(outcome);
      assertThat(outcome.continued()).as("generations that went on").isPositive();
    }
  }

  @Test
  void losesAndDoublesNothingWhenTheBrokerIsCutOff() throws Exception {
    ContainerJob.start(cluster, options);
    try (LedgeredLoad load = LedgeredLoad.start(connection, 2, PROMPTS_PER_SECOND)) {
      load.awaitAnswered(10, WARM_UP);

      cluster.cutBroker();
      Thread.sleep(BROKER_OUTAGE.toMillis());
      cluster.connectBroker();
      load.awaitAnswered(load.answered() + 40, DRAIN);

      assertThatNothingIsLostOrDoubled(load.finish(DRAIN));
    }
  }

  /** A subtask that starts anew knows no schema: it cannot go on until the registry is back. */
  @Test
  void waitsForTheRegistryWhenATaskManagerIsReplacedMeanwhile() throws Exception {
    ContainerJob.start(cluster, options);
    try (LedgeredLoad load = LedgeredLoad.start(connection, 3, PROMPTS_PER_SECOND)) {
      load.awaitAnswered(10, WARM_UP);
      GenericContainer<?> victim = cluster.flink().taskManagers().get(1);

      cluster.cutRegistry();
      Docker.kill(victim);
      Docker.startAgain(victim);
      Thread.sleep(REGISTRY_OUTAGE.toMillis());
      cluster.connectRegistry();
      load.awaitAnswered(load.answered() + 40, DRAIN);

      assertThatNothingIsLostOrDoubled(load.finish(DRAIN));
    }
  }

  @Test
  void goesOnFromASavepointInNewContainers() throws Exception {
    ContainerJob job = ContainerJob.start(cluster, options);
    try (LedgeredLoad load = LedgeredLoad.start(connection, 4, PROMPTS_PER_SECOND)) {
      load.awaitAnswered(10, WARM_UP);

      String savepoint = job.stopWithSavepoint();
      cluster.replaceFlink();
      job.startFrom(savepoint);
      load.awaitAnswered(load.answered() + 40, DRAIN);

      LedgeredLoad.Outcome outcome = load.finish(DRAIN);
      assertThatNothingIsLostOrDoubled(outcome);
      assertThat(outcome.continued()).as("generations that went on").isPositive();
    }
  }

  @Test
  void runsWithoutPrivilegesOnAReadOnlyFileSystem() throws Exception {
    List<GenericContainer<?>> servers = new ArrayList<>(cluster.flink().taskManagers());
    servers.add(cluster.flink().jobManager());
    for (GenericContainer<?> server : servers) {
      assertThat(run(server, "id", "-u")).isEqualTo("9999");
      assertThat(run(server, "sh", "-c", "touch /opt/flink/lib/x 2>&1 || true"))
          .contains("Read-only file system");
      assertThat(run(server, "sh", "-c", "grep CapEff /proc/1/status | tr -d '\\t'"))
          .isEqualTo("CapEff:0000000000000000");
      assertThat(run(server, "/opt/falaj/bin/health")).contains("200");
    }
  }

  private static String run(GenericContainer<?> server, String... command) throws Exception {
    ExecResult result = server.execInContainer(command);
    assertThat(result.getExitCode()).as(result.getStderr()).isZero();
    return result.getStdout().strip();
  }

  private static void assertThatNothingIsLostOrDoubled(LedgeredLoad.Outcome outcome) {
    assertThat(outcome.right()).as(outcome.ledger()).isTrue();
    assertThat(outcome.lost()).isZero();
    assertThat(outcome.duplicated()).isZero();
    assertThat(outcome.ended()).isEqualTo(outcome.sent()).isGreaterThan(50);
    assertThat(outcome.tokensRepeated()).isLessThan(outcome.tokensGenerated());
  }

  private List<Completion> answers(List<String> prompts) {
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        PromptProducer producer = new PromptProducer(connection, registry);
        ResultReader reader =
            ResultReader.open(
                connection,
                registry,
                EnumSet.of(RecordKind.COMPLETIONS),
                new StartPoint.Beginning())) {
      prompts.forEach(prompt -> producer.send(request(prompt)));
      producer.flush();
      List<Completion> completions = new ArrayList<>();
      long deadlineNanos = System.nanoTime() + DRAIN.toNanos();
      while (completions.size() < prompts.size() && System.nanoTime() - deadlineNanos < 0) {
        for (ReadRecord record : reader.poll(Duration.ofMillis(200))) {
          record.value(Completion.class).ifPresent(completions::add);
        }
      }
      return completions;
    }
  }

  private static PromptRequest request(String text) {
    return PromptRequest.newBuilder()
        .setRequestId(text)
        .setMessages(List.of(new ChatMessage("user", text)))
        .setSampling(SamplingParameters.newBuilder().setTemperature(0.0).setMaxTokens(8).build())
        .setCreatedAt(Instant.now())
        .build();
  }
}
