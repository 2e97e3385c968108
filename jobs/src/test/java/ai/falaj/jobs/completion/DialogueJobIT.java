package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.CalledTool;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.ToolDefinition;
import ai.falaj.schemas.ToolOutcome;
import ai.falaj.schemas.ToolRequest;
import ai.falaj.schemas.ToolResponse;
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
import java.util.List;
import java.util.Map;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Conversations and tools through a real broker and a real registry, over a fake model, with a tool
 * that is a consumer and a producer.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class DialogueJobIT {

  private static final int PARTITIONS = 4;
  private static final String TICKETS = "tickets";
  private static final String ALERTS = "alerts";
  private static final int CONVERSATIONS = 12;

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static ConfluentSchemaRegistry registry;

  @BeforeAll
  static void startServers() {
    services = KafkaAndRegistry.start(directory);
    registry = new ConfluentSchemaRegistry(RegistryConfig.of(services.registryUrl()));
    LocalTopics.create(
        services.bootstrapServers(),
        List.of(
            TICKETS,
            ALERTS,
            Topics.CHUNKS,
            Topics.COMPLETIONS,
            Topics.DEAD_LETTERS,
            Topics.TOOL_REQUESTS,
            Topics.TOOL_RESPONSES),
        PARTITIONS);
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

  /** A ticket makes the model call a tool; an alert comes into the same conversation. */
  @Test
  void answersEventsOfTwoTopicsInOneConversationWithTheHelpOfATool() throws Exception {
    JobClient job = start("falaj.topic.prompts", TICKETS + ", " + ALERTS);
    CompletableFuture<?> jobEnd = job.getJobExecutionResult();
    for (int i = 0; i < CONVERSATIONS; i++) {
      send(TICKETS, "c" + i, prompt(TICKETS, "ticket-" + i, "c" + i, "call level {\"canal\":1}"));
    }
    send(Topics.TOOL_RESPONSES, "c0", "no avro".getBytes(StandardCharsets.UTF_8));
    List<ToolRequest> asked = callTools(CONVERSATIONS, jobEnd);
    read(Completion.class, Topics.COMPLETIONS, CONVERSATIONS, jobEnd);
    for (int i = 0; i < CONVERSATIONS; i++) {
      send(ALERTS, "c" + i, prompt(ALERTS, "alert-" + i, "c" + i, "how many"));
    }
    List<Completion> completions =
        read(Completion.class, Topics.COMPLETIONS, 2 * CONVERSATIONS, jobEnd).stream()
            .filter(completion -> !completion.getRequestId().startsWith("pattern"))
            .toList();
    List<DeadLetter> letters = read(DeadLetter.class, Topics.DEAD_LETTERS, 1, jobEnd);
    job.cancel().get();

    assertThat(asked)
        .extracting(ToolRequest::getConversationId)
        .doesNotHaveDuplicates()
        .hasSize(CONVERSATIONS);
    assertThat(letters)
        .extracting(DeadLetter::getSourceTopic, DeadLetter::getErrorCode)
        .containsExactly(tuple(Topics.TOOL_RESPONSES, ErrorCode.UNDECODABLE_RECORD));
    assertThat(completions).hasSize(2 * CONVERSATIONS);
    for (Completion completion : completions) {
      if (completion.getRequestId().startsWith("ticket")) {
        assertThat(completion.getAnswer())
            .isEqualTo("You said: 1.4 metres for " + completion.getConversationId());
        assertThat(completion.getToolCalls())
            .extracting(CalledTool::getName, CalledTool::getOutcome)
            .containsExactly(tuple("level", ToolOutcome.ANSWERED));
      } else {
        // "call level .." and "You said: 1.4 metres for c1", and then "how many".
        assertThat(completion.getUsage().getPromptTokens()).isEqualTo(3 + 6 + 2);
        assertThat(completion.getAnswer()).isEqualTo("You said: how many");
      }
    }
  }

  /** A topic that did not exist when the job began feeds the conversation of another. */
  @Test
  void readsTopicsOfAPatternThatComeLater() throws Exception {
    LocalTopics.create(services.bootstrapServers(), List.of("events.first"), PARTITIONS);
    JobClient job = start("falaj.topic.prompts-pattern", "events\\..+");
    CompletableFuture<?> jobEnd = job.getJobExecutionResult();
    send("events.first", "p", prompt("events.first", "pattern-1", "p", "one"));
    awaitCompletion("pattern-1", jobEnd);
    LocalTopics.create(services.bootstrapServers(), List.of("events.second"), PARTITIONS);
    send("events.second", "p", prompt("events.second", "pattern-2", "p", "two"));
    Completion second = awaitCompletion("pattern-2", jobEnd);
    job.cancel().get();

    // "one" and "You said: one", and then "two".
    assertThat(second.getUsage().getPromptTokens()).isEqualTo(1 + 3 + 1);
  }

  private static Completion awaitCompletion(String requestId, CompletableFuture<?> jobEnd) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(Topics.COMPLETIONS)) {
      while (true) {
        assertThat(jobEnd).as("the job while %s is awaited", requestId).isNotDone();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          Completion completion = decode(Completion.class, record);
          if (completion.getRequestId().equals(requestId)) {
            return completion;
          }
        }
      }
    }
  }

  /** Answers so many calls as a service of the user's would. */
  private static List<ToolRequest> callTools(int count, CompletableFuture<?> jobEnd)
      throws Exception {
    List<ToolRequest> calls = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(Topics.TOOL_REQUESTS)) {
      while (calls.size() < count) {
        assertThat(jobEnd).as("the job while tools are called").isNotDone();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          ToolRequest call = decode(ToolRequest.class, record);
          calls.add(call);
          ToolResponse response =
              ToolResponse.newBuilder()
                  .setToolRequestId(call.getToolRequestId())
                  .setRequestId(call.getRequestId())
                  .setContent("1.4 metres for " + call.getConversationId())
                  .setCreatedAt(Instant.now())
                  .build();
          send(
              Topics.TOOL_RESPONSES,
              new String(record.key(), StandardCharsets.UTF_8),
              new RecordSerializer<>(ToolResponse.class, registry)
                  .serialize(Topics.TOOL_RESPONSES, response));
        }
      }
    }
    return calls;
  }

  private JobClient start(String topicsOption, String topics) throws Exception {
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
                topicsOption,
                topics,
                "falaj.kafka.properties.partition.discovery.interval.ms",
                "300",
                "falaj.conversations.time-to-live",
                "1 h",
                "falaj.tools.enabled",
                "true",
                "falaj.inference.max-in-flight",
                "2",
                "falaj.inference.result-order",
                "KEY_ORDERED",
                "falaj.checkpoint.interval",
                "500 ms")),
        FakeRuntimeSpec.builder("dialogue").build());
    return env.executeAsync();
  }

  private static byte[] prompt(String topic, String id, String conversation, String text) {
    PromptRequest request =
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setConversationId(conversation)
            .setSampling(SamplingParameters.newBuilder().setSeed(0L).build())
            .setMessages(List.of(new ChatMessage("user", text)))
            .setTools(List.of(new ToolDefinition("level", "of a canal", "{\"type\":\"object\"}")))
            .setCreatedAt(Instant.now())
            .build();
    return new RecordSerializer<>(PromptRequest.class, registry).serialize(topic, request);
  }

  private static void send(String topic, String key, byte[] value) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", services.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value)).get();
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String topic) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", services.bootstrapServers(), "isolation.level", "read_committed");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList());
    consumer.seekToBeginning(consumer.assignment());
    return consumer;
  }

  /** Reads from the beginning until so many records are there, and what comes right after. */
  private static <T extends SpecificRecord> List<T> read(
      Class<T> recordClass, String topic, int count, CompletableFuture<?> jobEnd) {
    List<T> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      int pollsAfter = 0;
      while (values.size() < count || pollsAfter++ < 5) {
        assertThat(jobEnd).as("the job while %s is read", topic).isNotDone();
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> values.add(decode(recordClass, record)));
      }
    }
    return values;
  }

  private static <T extends SpecificRecord> T decode(
      Class<T> recordClass, ConsumerRecord<byte[], byte[]> record) {
    return new RecordDeserializer<>(recordClass, registry)
        .deserialize(record.topic(), record.value());
  }
}
