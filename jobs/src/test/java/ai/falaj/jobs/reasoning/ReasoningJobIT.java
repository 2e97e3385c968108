package ai.falaj.jobs.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
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

/** The whole job between a real broker and a real registry, over scripted models. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ReasoningJobIT {

  private static final int PARTITIONS = 2;

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
            Topics.PROMPTS, Topics.CHUNKS, Topics.COMPLETIONS, Topics.DEAD_LETTERS, Topics.TRACES),
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

  /** The last candidate wins; one candidate of "lame" fails, all of "lost", "hung" hangs. */
  private static ScriptedReply reply(GenerationRequest request) {
    String id = request.requestId();
    if (id.endsWith("#topics")) {
      return ScriptedReply.answer(
          "{\"is_hard_problem\":true,\"plan\":\"\",\"search_list\":[\"wells\"]}");
    }
    if (id.endsWith("#plan")) {
      return ScriptedReply.answer("<plan>dig</plan>");
    }
    if (id.contains("#judge")) {
      return ScriptedReply.answer("{\"index\":1,\"explanation\":\"deeper\"}");
    }
    if (id.startsWith("lost") || id.equals("lame#1/3")) {
      return new ScriptedReply.Failure(RuntimeErrorCode.INVALID_PARAMETER);
    }
    if (id.startsWith("hung")) {
      return new ScriptedReply.Silence();
    }
    List<ChatMessage> messages = ((Prompt.Chat) request.prompt()).messages();
    assertThat(messages.get(messages.size() - 1).content()).contains("dig");
    return new ScriptedReply.Text("thinking", "answer of " + id);
  }

  @Test
  void answersEachProblemOnceAndSaysHow() throws Exception {
    send("good", prompt("good"));
    send("lame", prompt("lame"));
    send("lost", prompt("lost"));
    send("hung", prompt("hung"));
    send("bytes", "no avro".getBytes(StandardCharsets.UTF_8));
    ScriptedRuntimeSpec spec = ScriptedRuntimeSpec.of("scripted", ReasoningJobIT::reply);
    JobClient job = start(spec);

    while (spec.received().stream().filter(r -> r.requestId().startsWith("hung#")).count() < 5) {
      assertThat(job.getJobExecutionResult()).isNotDone();
      Thread.sleep(50);
    }
    send("hung", null); // the client gives up
    Map<String, Completion> completions = read(Completion.class, Topics.COMPLETIONS, 3, job);
    Map<String, DeadLetter> letters = read(DeadLetter.class, Topics.DEAD_LETTERS, 2, job);
    Map<String, ReasoningTrace> traces = read(ReasoningTrace.class, Topics.TRACES, 4, job);
    ChunkAssembler chunks = new ChunkAssembler("good");
    records(CompletionChunk.class, Topics.CHUNKS, 3, job).stream()
        .filter(chunk -> chunk.getRequestId().equals("good"))
        .forEach(chunks::add);
    job.cancel().get();

    assertThat(completions).containsOnlyKeys("good", "lame", "hung");
    assertThat(completions.get("good").getAnswer()).isEqualTo("answer of good#2/3");
    assertThat(completions.get("good").getMetadata()).containsOnly(Map.entry("ticket", "7"));
    assertThat(completions.get("good").getUsage().getPromptTokens()).isEqualTo(7 * 10);
    assertThat(completions.get("lame").getAnswer()).isEqualTo("answer of lame#2/3");
    assertThat(completions.get("hung").getFinishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(letters).containsOnlyKeys("lost", "null");
    assertThat(letters.get("lost").getErrorCode()).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(letters.get("lost").getValue()).isEqualTo(ByteBuffer.wrap(prompt("lost")));
    assertThat(letters.get("null").getErrorCode()).isEqualTo(ErrorCode.UNDECODABLE_RECORD);
    assertThat(traces).containsOnlyKeys("good", "lame", "hung", "lost");
    assertThat(traces.get("good").getPlans().get(0).getPlan()).isEqualTo("dig");
    assertThat(traces.get("good").getCalls()).hasSize(7);
    assertThat(traces.get("lame").getCandidates().get(1).getState())
        .isEqualTo(CandidateState.FAILED);
    assertThat(traces.get("lost").getOutcome()).isEqualTo(ReasoningOutcome.FAILED);
    assertThat(traces.get("hung").getOutcome()).isEqualTo(ReasoningOutcome.CANCELLED);
    assertThat(chunks.answer()).isEqualTo("answer of good#2/3");
    assertThat(chunks.reasoning()).isEqualTo("thinking");
    assertThat(chunks.isComplete()).isTrue();
  }

  private static JobClient start(ScriptedRuntimeSpec spec) throws Exception {
    Configuration flink = new Configuration();
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
    env.setParallelism(2);
    ReasoningJob.build(
        env,
        Configuration.fromMap(
            Map.of(
                "falaj.bootstrap.servers",
                services.bootstrapServers(),
                "falaj.schema-registry.url",
                services.registryUrl(),
                "falaj.checkpoint.interval",
                "1 s")),
        options -> spec);
    return env.executeAsync();
  }

  private static byte[] prompt(String id) {
    PromptRequest request =
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setMessages(
                List.of(
                    ai.falaj.schemas.ChatMessage.newBuilder()
                        .setRole("user")
                        .setContent("where is water?")
                        .build()))
            .setMetadata(Map.of("ticket", "7"))
            .setCreatedAt(Instant.ofEpochMilli(1))
            .build();
    return new RecordSerializer<>(PromptRequest.class, registry).serialize(Topics.PROMPTS, request);
  }

  private static void send(String key, byte[] value) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", services.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(Topics.PROMPTS, key.getBytes(StandardCharsets.UTF_8), value))
          .get();
    }
  }

  /** By key, each once. */
  private static <T extends SpecificRecord> Map<String, T> read(
      Class<T> recordClass, String topic, int count, JobClient job) {
    Map<String, T> byKey = new HashMap<>();
    for (T record : records(recordClass, topic, count, job)) {
      String key = String.valueOf(record.get(record.getSchema().getField("request_id").pos()));
      assertThat(byKey.put(key, record)).as(key).isNull();
    }
    return byKey;
  }

  /** The committed records, once so many are there, and what comes right after. */
  private static <T extends SpecificRecord> List<T> records(
      Class<T> recordClass, String topic, int count, JobClient job) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", services.bootstrapServers(), "isolation.level", "read_committed");
    List<T> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      RecordDeserializer<T> values = new RecordDeserializer<>(recordClass, registry);
      int quietPolls = 0;
      while (records.size() < count || quietPolls < 5) {
        assertThat(job.getJobExecutionResult()).as("the job while %s is read", topic).isNotDone();
        int before = records.size();
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> records.add(values.deserialize(topic, record.value())));
        quietPolls = records.size() == before ? quietPolls + 1 : 0;
      }
    }
    return records;
  }
}
