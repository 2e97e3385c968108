package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
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

/** The whole job between a real broker and a real registry, over a fake model. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class CompletionJobIT {

  private static final int PARTITIONS = 4;
  private static final int PROMPTS = 200;
  private static final String TRACEPARENT =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static ConfluentSchemaRegistry registry;

  private String prefix;

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

  /** Topics of its own for each test. */
  @BeforeEach
  void createTopics(TestInfo test) {
    prefix = test.getTestMethod().orElseThrow().getName();
    LocalTopics.create(
        services.bootstrapServers(),
        List.of(
            topic(Topics.PROMPTS),
            topic(Topics.CHUNKS),
            topic(Topics.COMPLETIONS),
            topic(Topics.DEAD_LETTERS)),
        PARTITIONS);
  }

  private String topic(String name) {
    return prefix + "." + name;
  }

  @Test
  void answersEachPromptOnceAndSaysWhyItDoesNot() throws Exception {
    send("bytes", "no avro".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < PROMPTS; i++) {
      send("r" + i, prompt("r" + i, "prompt number " + i));
    }
    send("hanging", prompt("hanging", "never answered"));
    send("empty", prompt("empty", " "));
    send("hanging", null);

    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("fake")
            .maxSequences(8)
            .hang("hanging")
            .fail(new InjectedFailure("r7", 1, RuntimeErrorCode.ENGINE_FAILURE, 2))
            .build();
    JobClient job = start(spec);
    CompletableFuture<?> jobEnd = job.getJobExecutionResult();
    List<ConsumerRecord<byte[], byte[]>> completions =
        read(topic(Topics.COMPLETIONS), PROMPTS + 1, jobEnd);
    List<ConsumerRecord<byte[], byte[]>> deadLetters = read(topic(Topics.DEAD_LETTERS), 2, jobEnd);
    List<ConsumerRecord<byte[], byte[]>> chunks = read(topic(Topics.CHUNKS), PROMPTS, jobEnd);
    job.cancel().get();

    Map<String, Completion> byId = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : completions) {
      Completion completion = decode(Completion.class, record);
      assertThat(byId.put(completion.getRequestId(), completion)).isNull();
      assertThat(record.key()).isEqualTo(utf8(completion.getRequestId()));
      assertThat(record.headers().lastHeader("traceparent").value()).isEqualTo(utf8(TRACEPARENT));
    }
    assertThat(byId).hasSize(PROMPTS + 1);
    assertThat(byId.get("r3").getAnswer()).isEqualTo("You said: prompt number 3");
    assertThat(byId.get("r7").getProvenance().getAttempts()).isEqualTo(2);
    assertThat(byId.get("hanging").getFinishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(deadLetters)
        .extracting(record -> decode(DeadLetter.class, record).getErrorCode())
        .containsExactlyInAnyOrder(ErrorCode.UNDECODABLE_RECORD, ErrorCode.EMPTY_PROMPT);

    Map<String, StringBuilder> texts = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : chunks) {
      CompletionChunk chunk = decode(CompletionChunk.class, record);
      StringBuilder text = texts.computeIfAbsent(chunk.getRequestId(), id -> new StringBuilder());
      if (chunk.getTokenOffset() == 0) {
        text.setLength(0);
      }
      text.append(chunk.getText());
    }
    byId.forEach((id, completion) -> assertThat(texts.get(id)).hasToString(completion.getAnswer()));
  }

  @Test
  void answersWithSeveralSamplesAndRefusesWhatTheModelCannotDo() throws Exception {
    send(
        "samples",
        prompt(
            "samples",
            "name a number",
            SamplingParameters.newBuilder().setN(3).setSeed(5L).build()));
    send(
        "choice",
        prompt(
            "choice",
            "yes or no",
            SamplingParameters.newBuilder().setChoice(List.of("yes", "no")).build()));
    send(
        "schema",
        prompt(
            "schema",
            "as json",
            SamplingParameters.newBuilder().setResponseFormat("{\"type\":\"object\"}").build()));
    send("invalid", prompt("invalid", "hello", SamplingParameters.newBuilder().setN(65).build()));

    JobClient job = start(FakeRuntimeSpec.builder("samples").build());
    CompletableFuture<?> jobEnd = job.getJobExecutionResult();
    Map<String, Completion> completions =
        await(Completion.class, topic(Topics.COMPLETIONS), Set.of("samples", "choice"), jobEnd);
    Map<String, DeadLetter> deadLetters =
        await(DeadLetter.class, topic(Topics.DEAD_LETTERS), Set.of("schema", "invalid"), jobEnd);
    List<ConsumerRecord<byte[], byte[]>> chunks = read(topic(Topics.CHUNKS), 1, jobEnd);
    job.cancel().get();

    assertThat(completions.get("samples").getSamples())
        .extracting(CompletionSample::getAnswer)
        .containsExactly(
            "You said: name a number #5",
            "You said: name a number #6",
            "You said: name a number #7");
    assertThat(completions.get("samples").getAnswer()).isEqualTo("You said: name a number #5");
    assertThat(completions.get("choice").getAnswer()).isEqualTo("yes");
    assertThat(deadLetters.get("schema").getErrorCode()).isEqualTo(ErrorCode.UNSUPPORTED_PARAMETER);
    assertThat(deadLetters.get("invalid").getErrorCode()).isEqualTo(ErrorCode.INVALID_PARAMETER);
    CompletionAssembler assembler = new CompletionAssembler("samples", 3);
    chunks.stream()
        .map(record -> decode(CompletionChunk.class, record))
        .filter(chunk -> chunk.getRequestId().equals("samples"))
        .forEach(assembler::add);
    assertThat(assembler.isComplete()).isTrue();
    for (CompletionSample sample : completions.get("samples").getSamples()) {
      assertThat(assembler.sample(sample.getIndex()).answer()).isEqualTo(sample.getAnswer());
    }
  }

  /** The committed records of these requests, once all are there. */
  private static <T extends SpecificRecord> Map<String, T> await(
      Class<T> recordClass, String topic, Set<String> requestIds, CompletableFuture<?> jobEnd) {
    Map<String, T> found = new HashMap<>();
    while (!found.keySet().containsAll(requestIds)) {
      for (ConsumerRecord<byte[], byte[]> record : read(topic, 1, jobEnd)) {
        if (record.key() != null) {
          found.put(new String(record.key(), StandardCharsets.UTF_8), decode(recordClass, record));
        }
      }
    }
    return found;
  }

  private JobClient start(FakeRuntimeSpec spec) throws Exception {
    Configuration flink = new Configuration();
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
    env.setParallelism(2);
    CompletionJob.build(
        env,
        Configuration.fromMap(
            Map.of(
                "falaj.bootstrap.servers",
                services.bootstrapServers(),
                "falaj.schema-registry.url",
                services.registryUrl(),
                "falaj.topic.prompts",
                topic(Topics.PROMPTS),
                "falaj.topic.chunks",
                topic(Topics.CHUNKS),
                "falaj.topic.completions",
                topic(Topics.COMPLETIONS),
                "falaj.topic.dead-letters",
                topic(Topics.DEAD_LETTERS),
                "falaj.inference.max-in-flight",
                "16",
                "falaj.checkpoint.interval",
                "1 s")),
        spec);
    return env.executeAsync();
  }

  /** With the seed at which the fake runtime's answer shows no seed. */
  private byte[] prompt(String id, String text) {
    return prompt(id, text, SamplingParameters.newBuilder().setSeed(0L).build());
  }

  private byte[] prompt(String id, String text, SamplingParameters sampling) {
    PromptRequest request =
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setSampling(sampling)
            .setMessages(List.of(new ChatMessage("user", text)))
            .setCreatedAt(Instant.now())
            .build();
    return new RecordSerializer<>(PromptRequest.class, registry)
        .serialize(topic(Topics.PROMPTS), request);
  }

  private void send(String key, byte[] value) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", services.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(topic(Topics.PROMPTS), utf8(key), value);
      record.headers().add("traceparent", utf8(TRACEPARENT));
      producer.send(record).get();
    }
  }

  /** Reads from the beginning until so many records are there, and what comes right after. */
  private static List<ConsumerRecord<byte[], byte[]>> read(
      String topic, int count, CompletableFuture<?> jobEnd) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", services.bootstrapServers(), "isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      while (records.size() < count) {
        assertThat(jobEnd).as("the job while %s is read", topic).isNotDone();
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      for (int i = 0; i < 10; i++) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  private static <T extends SpecificRecord> T decode(
      Class<T> recordClass, ConsumerRecord<byte[], byte[]> record) {
    return new RecordDeserializer<>(recordClass, registry)
        .deserialize(record.topic(), record.value());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
