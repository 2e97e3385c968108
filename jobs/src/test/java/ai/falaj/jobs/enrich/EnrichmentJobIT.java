package ai.falaj.jobs.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.GenericRecordDeserializer;
import ai.falaj.schemas.serde.GenericRecordSerializer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
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

/** The job between topics of a real broker, with schemas of a real registry. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class EnrichmentJobIT {

  private static final int PARTITIONS = 2;

  private static final Schema REVIEW =
      SchemaBuilder.record("Review")
          .namespace("test")
          .fields()
          .requiredInt("id")
          .optionalString("text")
          .name("at")
          .type(
              org.apache.avro.LogicalTypes.timestampMillis()
                  .addToSchema(Schema.create(Schema.Type.LONG)))
          .noDefault()
          .endRecord();

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static ConfluentSchemaRegistry registry;

  private String in;
  private String out;
  private String model;

  @BeforeAll
  static void startServers() {
    services = KafkaAndRegistry.start(directory);
    registry = new ConfluentSchemaRegistry(RegistryConfig.of(services.registryUrl()));
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

  @BeforeEach
  void createTopics(TestInfo test) {
    model = test.getTestMethod().orElseThrow().getName();
    in = model + ".in";
    out = model + ".out";
    LocalTopics.create(
        services.bootstrapServers(), List.of(in, out, model + ".dead-letters"), PARTITIONS);
  }

  private String yaml(String mode, String format) {
    return """
        name: %s
        mode: %s
        source: {type: kafka, topic: %s, format: %s}
        prompt: {user: "How does it feel at {{at}}: {{text}}"}
        output:
          fields:
            sentiment: {type: string, enum: [good, bad]}
            when: timestamp_ltz
        sink: {type: kafka, topic: %s, format: %s}
        options:
          falaj.bootstrap.servers: %s
          falaj.schema-registry.url: %s
          falaj.topic.dead-letters: %s.dead-letters
          falaj.checkpoint.interval: 300 ms
          falaj.inference.max-in-flight: 8
        """
        .formatted(
            model,
            mode,
            in,
            format,
            out,
            format,
            services.bootstrapServers(),
            services.registryUrl(),
            model);
  }

  private ScriptedRuntimeSpec scripted(Function<GenerationRequest, ScriptedReply> replies) {
    return ScriptedRuntimeSpec.of("enrich-it-" + model, replies);
  }

  private static ScriptedReply reply(GenerationRequest request) {
    return ScriptedReply.answer(
        "{\"sentiment\":\"%s\",\"when\":\"2026-11-24T08:30:00+04:00\"}"
            .formatted(Reviews.question(request).contains("awful") ? "bad" : "good"));
  }

  private static JobClient start(String yaml, ScriptedRuntimeSpec spec) throws Exception {
    EnrichmentFile file = EnrichmentFile.parse(yaml, "it.yaml");
    Configuration options =
        SettingsReader.options(
            file,
            Configuration.fromMap(
                Map.of(
                    "restart-strategy.type", "fixed-delay",
                    "restart-strategy.fixed-delay.attempts", "3",
                    "restart-strategy.fixed-delay.delay", "100 ms")));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, options);
    EnrichmentJob.build(env, SettingsReader.read(file, options), spec);
    return env.executeAsync();
  }

  private void sendReviews(int count) throws Exception {
    int id = registry.register(Topics.valueSubject(in), REVIEW);
    GenericRecordSerializer serializer = new GenericRecordSerializer(REVIEW, id);
    for (int i = 0; i < count; i++) {
      GenericData.Record review = new GenericData.Record(REVIEW);
      review.put("id", i);
      review.put("text", i % 10 == 3 ? null : (i % 2 == 0 ? "awful " : "nice ") + i);
      review.put("at", 1_700_000_000_000L);
      send("key" + i, serializer.serialize(review));
    }
  }

  private void send(String key, byte[] value) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", services.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(in, key.getBytes(StandardCharsets.UTF_8), value)).get();
    }
  }

  @Test
  void enrichesATopicInBatchAndEndsAlthoughItFailsAtHalf() throws Exception {
    sendReviews(60);
    AtomicInteger asked = new AtomicInteger();
    JobClient job =
        start(
            yaml("batch", "avro"),
            scripted(
                request ->
                    asked.incrementAndGet() == 30
                        ? new ScriptedReply.Failure(RuntimeErrorCode.RUNTIME_CLOSED)
                        : reply(request)));
    job.getJobExecutionResult().get();

    List<ConsumerRecord<byte[], byte[]>> records = read(60, CompletableFuture.completedFuture(""));
    assertThat(records).hasSize(60);
    Schema written = registry.latestSchema(Topics.valueSubject(out));
    assertThat(written.getFullName()).isEqualTo("test.ReviewEnriched");
    GenericRecordDeserializer rows = new GenericRecordDeserializer(written, registry);
    List<Integer> ids = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      GenericRecord row = rows.deserialize(out, record.value());
      int id = (Integer) row.get("id");
      ids.add(id);
      assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("key" + id);
      assertThat(row.get("at")).isEqualTo(1_700_000_000_000L);
      if (id % 10 == 3) {
        assertThat(row.get("sentiment")).isNull();
        assertThat(row.get("falaj_error").toString()).startsWith("MISSING_INPUT");
      } else {
        assertThat(row.get("sentiment")).hasToString(id % 2 == 0 ? "bad" : "good");
        assertThat(row.get("when")).isEqualTo(1_795_494_600_000_000L);
        assertThat(row.get("falaj_error")).isNull();
      }
    }
    assertThat(ids).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 60).boxed().toList());
  }

  @Test
  void goesOnWithNewRecordsWhereItStreams() throws Exception {
    send(
        "a",
        "{\"text\":\"awful\",\"at\":\"noon\",\"kept\":[1,2]}".getBytes(StandardCharsets.UTF_8));
    JobClient job = start(yaml("streaming", "json"), scripted(EnrichmentJobIT::reply));
    CompletableFuture<?> end = job.getJobExecutionResult();
    assertThat(read(1, end)).hasSize(1);
    send("b", "{\"text\":\"nice\",\"at\":\"noon\"}".getBytes(StandardCharsets.UTF_8));
    List<ConsumerRecord<byte[], byte[]>> both = read(2, end);
    job.cancel().get();

    assertThat(both)
        .extracting(record -> new String(record.value(), StandardCharsets.UTF_8))
        .containsExactlyInAnyOrder(
            "{\"text\":\"awful\",\"at\":\"noon\",\"kept\":[1,2],\"sentiment\":\"bad\",\"when\":\"2026-11-24T04:30:00Z\",\"falaj_error\":null}",
            "{\"text\":\"nice\",\"at\":\"noon\",\"sentiment\":\"good\",\"when\":\"2026-11-24T04:30:00Z\",\"falaj_error\":null}");
  }

  @Test
  void refusesAnOutputSchemaThatTheTopicCannotTake() throws Exception {
    sendReviews(1);
    registry.register(
        Topics.valueSubject(out),
        SchemaBuilder.record("ReviewEnriched")
            .namespace("test")
            .fields()
            .requiredString("sentiment")
            .requiredBoolean("id")
            .endRecord());
    assertThatThrownBy(() -> start(yaml("batch", "avro"), scripted(EnrichmentJobIT::reply)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "the output's schema cannot follow the newest one of sink.topic '" + out)
        .hasMessageContaining("Or write to another topic.");
  }

  @Test
  void refusesATopicWhoseSchemaNobodyKnows() {
    assertThatThrownBy(() -> start(yaml("batch", "avro"), scripted(EnrichmentJobIT::reply)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the schema of source.topic '" + in + "' is not known");
  }

  /** Committed records, once so many are there, and what comes right after. */
  private List<ConsumerRecord<byte[], byte[]>> read(int count, CompletableFuture<?> jobEnd) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                services.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(out).stream()
              .map(p -> new TopicPartition(out, p.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      while (records.size() < count) {
        assertThat(jobEnd.isCompletedExceptionally()).as("the job has failed").isFalse();
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      for (int i = 0; i < 5; i++) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
