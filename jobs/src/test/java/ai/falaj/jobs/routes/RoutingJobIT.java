package ai.falaj.jobs.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.operators.routing.Route;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes of the whole job between a real broker and a real registry, over fake models. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class RoutingJobIT {

  private static final int REQUESTS = 3_000;

  /** About 200 requests a second. */
  private static final Duration PACE = Duration.ofMillis(5);

  private static final Duration SWITCH_LIMIT = Duration.ofSeconds(2);

  @TempDir static Path directory;
  private static KafkaAndRegistry servers;

  private Connection connection;
  private ConfluentSchemaRegistry registry;
  private String routesTopic;
  private String shadowTopic;

  @BeforeAll
  static void startServers() {
    servers = KafkaAndRegistry.start(directory);
  }

  @AfterAll
  static void stopServers() {
    if (servers != null) {
      servers.close();
    }
  }

  @BeforeEach
  void createTopics(TestInfo test) {
    String prefix =
        test.getTestMethod().orElseThrow().getName()
            + Math.abs(test.getDisplayName().hashCode() % 10_000);
    connection = servers.topics(prefix);
    registry = new ConfluentSchemaRegistry(connection.registry());
    routesTopic = prefix + ".routes";
    shadowTopic = prefix + ".shadows";
    LocalTopics.createCompacted(connection.bootstrapServers(), routesTopic);
    LocalTopics.create(connection.bootstrapServers(), List.of(shadowTopic), 2);
  }

  private static RuntimeSpec catalog(String suffix, FakeRuntimeSpec.Builder big) {
    return new CatalogSpec(
        Map.of(
            "k2", FakeRuntimeSpec.builder("k2-" + suffix).maxSequences(16).build(),
            "k2-canary", FakeRuntimeSpec.builder("canary-" + suffix).maxSequences(16).build(),
            "big", big.build()),
        "k2");
  }

  private JobClient start(RuntimeSpec spec, String... options) throws Exception {
    Configuration flink = new Configuration();
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
    env.setParallelism(2);
    Map<String, String> all = new HashMap<>();
    all.put("falaj.job.name", shadowTopic);
    all.put("falaj.bootstrap.servers", connection.bootstrapServers());
    all.put("falaj.schema-registry.url", connection.registry().displayUrls());
    all.put("falaj.topic.prompts", connection.topic(RecordKind.PROMPTS));
    all.put("falaj.topic.chunks", connection.topic(RecordKind.CHUNKS));
    all.put("falaj.topic.completions", connection.topic(RecordKind.COMPLETIONS));
    all.put("falaj.topic.dead-letters", connection.topic(RecordKind.DEAD_LETTERS));
    all.put("falaj.shadow.topic", shadowTopic);
    all.put("falaj.checkpoint.interval", "1 s");
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    CompletionJob.build(env, Configuration.fromMap(all), spec);
    return env.executeAsync();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unordered", "key_ordered"})
  void aCanaryOfTenPercentBecomesFiftyWithinTwoSecondsAndNoRequestIsLost(String order)
      throws Exception {
    Route before = Route.parse("k2:90,k2-canary:10");
    Route after = Route.parse("k2:50,k2-canary:50");
    JobClient job =
        start(
            catalog("switch-" + order, FakeRuntimeSpec.builder("big-switch-" + order)),
            "falaj.routes.k2",
            before.toString(),
            "falaj.routes.topic",
            routesTopic,
            "falaj.inference.result-order",
            order,
            "falaj.inference.max-in-flight",
            "16");
    CompletableFuture<?> end = job.getJobExecutionResult();

    routes(ExitCodes.OK, "set", "k2", "k2:1,gone:1"); // becomes a dead letter
    AtomicInteger sent = new AtomicInteger();
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(() -> send(0, REQUESTS, sent::incrementAndGet));
    while (sent.get() < REQUESTS / 3) {
      assertThat(sending).isNotCompletedExceptionally();
      Thread.sleep(1);
    }
    routes(ExitCodes.OK, "set", "k2", "k2:50,k2-canary:50");
    assertThat(sent.get()).as("the load goes on meanwhile").isLessThan(REQUESTS);
    sending.get();
    Instant switched = lastControlWrittenAt();

    List<Completion> completions =
        read(Completion.class, connection.topic(RecordKind.COMPLETIONS), REQUESTS, end);
    List<DeadLetter> deadLetters =
        read(DeadLetter.class, connection.topic(RecordKind.DEAD_LETTERS), 1, end);
    assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    job.cancel().get();

    assertThat(completions)
        .extracting(Completion::getRequestId)
        .as("every request, each once")
        .containsExactlyInAnyOrderElementsOf(ids(0, REQUESTS));
    assertThat(deadLetters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.UNKNOWN_MODEL);
              assertThat(letter.getSourceTopic()).isEqualTo(routesTopic);
              assertThat(letter.getMessage()).contains("'gone'");
            });
    List<Completion> byOld = new ArrayList<>();
    List<Completion> byNew = new ArrayList<>();
    for (Completion completion : completions) {
      String model = completion.getProvenance().getModel();
      String old = before.target(completion.getRequestId());
      String now = after.target(completion.getRequestId());
      assertThat(model).isIn(old, now);
      if (!old.equals(now)) { // those that tell which table was in force
        (model.equals(old) ? byOld : byNew).add(completion);
      }
    }
    long lastOldMs = byOld.stream().mapToLong(c -> millisAfter(switched, c)).max().orElseThrow();
    long firstNewMs = byNew.stream().mapToLong(c -> millisAfter(switched, c)).min().orElseThrow();
    System.out.printf(
        "%s: first request by the new weights %d ms, last by the old %d ms after the control record%n",
        order, firstNewMs, lastOldMs);
    assertThat(firstNewMs).isNotNegative();
    assertThat(lastOldMs).isLessThan(SWITCH_LIMIT.toMillis());
    assertThat(canaryShare(completions, c -> millisAfter(switched, c) < 0))
        .isCloseTo(0.1, within(0.05));
    assertThat(canaryShare(completions, c -> millisAfter(switched, c) > SWITCH_LIMIT.toMillis()))
        .isCloseTo(0.5, within(0.1));
  }

  private static long millisAfter(Instant switched, Completion completion) {
    return Duration.between(switched, completion.getCompletedAt()).toMillis();
  }

  private static double canaryShare(List<Completion> completions, Predicate<Completion> when) {
    List<Completion> some = completions.stream().filter(when).toList();
    assertThat(some).hasSizeGreaterThan(300);
    return (double) some.stream().filter(by("k2-canary")).count() / some.size();
  }

  @Test
  void shadowsAnswerInTheirOwnTopicOnlyAndTheirFailuresHarmNothing() throws Exception {
    FakeRuntimeSpec.Builder big = FakeRuntimeSpec.builder("big-shadow").maxSequences(100);
    IntStream.range(0, 20).forEach(number -> big.hang("r" + number));
    IntStream.range(20, 40)
        .forEach(
            number ->
                big.fail(new InjectedFailure("r" + number, 1, RuntimeErrorCode.ENGINE_FAILURE, 1)));
    JobClient job =
        start(
            catalog("shadow", big),
            "falaj.routes.k2",
            "k2:1 shadow big:100",
            "falaj.shadow.max-in-flight",
            "1000",
            "falaj.shadow.timeout",
            "5 s");
    CompletableFuture<?> end = job.getJobExecutionResult();
    send(0, 200);

    List<Completion> completions =
        read(Completion.class, connection.topic(RecordKind.COMPLETIONS), 200, end);
    List<Completion> shadows = read(Completion.class, shadowTopic, 160, end);
    List<CompletionChunk> chunks =
        read(CompletionChunk.class, connection.topic(RecordKind.CHUNKS), 200, end);
    assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    job.cancel().get();

    assertThat(completions)
        .extracting(Completion::getRequestId)
        .containsExactlyInAnyOrderElementsOf(ids(0, 200));
    assertThat(completions).extracting(c -> c.getProvenance().getModel()).containsOnly("k2");
    assertThat(shadows)
        .extracting(Completion::getRequestId)
        .containsExactlyInAnyOrderElementsOf(ids(40, 200));
    assertThat(shadows).extracting(c -> c.getProvenance().getModel()).containsOnly("big");
    assertThat(chunks.stream().filter(chunk -> chunk.getFinishReason() != null))
        .as("one last chunk of each request, none of its shadow")
        .hasSize(200);
    assertThat(read(DeadLetter.class, connection.topic(RecordKind.DEAD_LETTERS), 0, null))
        .isEmpty();
  }

  @Test
  void aJobWithoutStateTakesItsRoutesFromTheTopic() throws Exception {
    routes(ExitCodes.OK, "set", "k2", "k2:1");
    routes(ExitCodes.OK, "set", "k2", "k2-canary:1", "shadow", "big:2.5");
    routes(ExitCodes.OK, "set", "other", "big:1");
    routes(ExitCodes.OK, "reset", "other");
    assertThat(routes(ExitCodes.OK, "list"))
        .contains("k2-canary:1 shadow big:2.5")
        .doesNotContain("other");
    assertThat(routes(ExitCodes.OK, "list", "--json"))
        .startsWith("{\"route\":\"k2\",\"split\":\"k2-canary:1 shadow big:2.5\"")
        .contains("\"targets\":[{\"model\":\"k2-canary\",\"weight\":1}]");

    JobClient job =
        start(
            catalog("stateless", FakeRuntimeSpec.builder("big-stateless")),
            "falaj.routes.topic",
            routesTopic);
    CompletableFuture<?> end = job.getJobExecutionResult();
    List<Completion> completions = List.of();
    for (int sent = 0; completions.stream().noneMatch(by("k2-canary")); sent += 20) {
      send(sent, sent + 20);
      completions =
          read(Completion.class, connection.topic(RecordKind.COMPLETIONS), sent + 20, end);
    }
    job.cancel().get();
    assertThat(completions.stream().filter(by("k2-canary"))).isNotEmpty();
  }

  @Test
  void aTopicThatIsNotThereIsAMistake() throws Exception {
    routesTopic = "absent";
    assertThat(routes(ExitCodes.USAGE, "list"))
        .startsWith("falaj: the broker at " + connection.bootstrapServers() + " lacks a topic");
  }

  /** When the producer of the last control record sent it. */
  private Instant lastControlWrittenAt() {
    TopicPartition only = new TopicPartition(routesTopic, 0);
    Map<String, Object> settings = Map.of("bootstrap.servers", connection.bootstrapServers());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(only));
      consumer.seek(only, consumer.endOffsets(List.of(only)).get(only) - 1);
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          return Instant.ofEpochMilli(record.timestamp());
        }
      }
    }
  }

  private static Predicate<Completion> by(String model) {
    return completion -> completion.getProvenance().getModel().equals(model);
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(number -> "r" + number).toList();
  }

  /** Runs {@code falaj routes} and returns what it printed. */
  private String routes(int exitCode, String... args) {
    String[] line =
        Stream.of(
                Stream.of("routes"),
                Arrays.stream(args),
                Stream.of("--topic", routesTopic),
                Stream.of("--bootstrap", connection.bootstrapServers()),
                Stream.of("--registry", connection.registry().displayUrls()))
            .flatMap(part -> part)
            .toArray(String[]::new);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    assertThat(Falaj.run(line, new PrintWriter(out), new PrintWriter(err)))
        .as(err.toString())
        .isEqualTo(exitCode);
    return exitCode == ExitCodes.OK ? out.toString() : err.toString();
  }

  private void send(int from, int to) {
    send(from, to, () -> {});
  }

  /** Sends requests for {@code k2} at an even pace. */
  private void send(int from, int to, Runnable onSent) {
    String topic = connection.topic(RecordKind.PROMPTS);
    RecordSerializer<PromptRequest> values = new RecordSerializer<>(PromptRequest.class, registry);
    Map<String, Object> settings = Map.of("bootstrap.servers", connection.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String id : ids(from, to)) {
        PromptRequest request =
            PromptRequest.newBuilder()
                .setRequestId(id)
                .setModel("k2")
                .setMessages(List.of(new ChatMessage("user", "prompt " + id)))
                .setCreatedAt(Instant.now())
                .build();
        producer.send(
            new ProducerRecord<>(
                topic, id.getBytes(StandardCharsets.UTF_8), values.serialize(topic, request)));
        onSent.run();
        LockSupport.parkNanos(PACE.toNanos());
      }
    }
  }

  /** Reads from the beginning until so many records are there, and what comes right after. */
  private <T extends SpecificRecord> List<T> read(
      Class<T> recordClass, String topic, int count, CompletableFuture<?> jobEnd) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            connection.bootstrapServers(),
            "isolation.level",
            "read_committed");
    RecordDeserializer<T> values = new RecordDeserializer<>(recordClass, registry);
    List<T> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      int quietPolls = 0;
      while (records.size() < count || quietPolls < 8) {
        assertThat(jobEnd == null || !jobEnd.isDone()).as("the job runs").isTrue();
        int had = records.size();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          records.add(values.deserialize(topic, record.value()));
        }
        quietPolls = records.size() == had ? quietPolls + 1 : 0;
      }
    }
    return records;
  }
}
