package ai.falaj.jobs.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several answers, JSON, choices, logprobs and a budget through everything real but the size of the
 * model, read by a client that shares no code with Falaj.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RealEngineSamplesIT {

  private static final Duration RESULTS_LIMIT = Duration.ofMinutes(2);
  private static final String SCHEMA =
      """
      {"type": "object", "additionalProperties": false, "required": ["class", "urgent"],
       "properties": {"class": {"enum": ["water", "power"]}, "urgent": {"type": "boolean"}}}
      """;

  @TempDir Path directory;

  @Test
  void samplesFormatsAndBudgetsHoldFromKafkaToKafka() throws Exception {
    Configuration job = new Configuration();
    job.set(
        CompletionOptions.MODEL,
        TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11).toString());
    job.set(CompletionOptions.CONTEXT_TOKENS, 512);
    job.set(CompletionOptions.MAX_SEQUENCES, 4);
    job.setString("falaj.tenants.poor.budget-tokens", "5");
    LocalStackOptions stack =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 2)
            .withSlots(2);

    try (LocalPipeline pipeline = LocalPipeline.start(stack, job, 2, ProgressListener.NONE)) {
      String bootstrapServers = pipeline.stack().kafka().bootstrapServers();
      String registryUrl = pipeline.stack().registry().url();
      send(Connection.of(bootstrapServers, registryUrl));
      WireReader reader = new WireReader(bootstrapServers, registryUrl);

      Map<String, GenericRecord> completions = await(reader, Topics.COMPLETIONS, 3, pipeline);
      Map<String, GenericRecord> deadLetters = await(reader, Topics.DEAD_LETTERS, 2, pipeline);

      assertSamplesDifferAndTheirChunksJoinToThem(
          completions.get("samples"), reader.readAll(Topics.CHUNKS));
      assertFollowsTheSchema(completions.get("schema"));
      assertThat(completions.get("choice").get("answer").toString()).isIn("yes", "no");
      assertThat(deadLetters.get("budget").get("error_code")).hasToString("BUDGET_EXCEEDED");
      assertThat(deadLetters.get("bad schema").get("error_code").toString())
          .isIn("INVALID_PARAMETER", "UNSUPPORTED_PARAMETER");
    }
  }

  /** A model of random weights might reason for ever: where its answer matters, it may not. */
  private static void send(Connection connection) throws Exception {
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        PromptProducer producer = new PromptProducer(connection, registry)) {
      producer.send(
          prompt(
              "samples",
              null,
              SamplingParameters.newBuilder()
                  .setN(3)
                  .setSeed(7L)
                  .setMaxTokens(16)
                  .setLogprobs(true)
                  .setTopLogprobs(2)));
      producer.send(
          prompt(
              "schema",
              null,
              SamplingParameters.newBuilder()
                  .setSeed(1L)
                  .setMaxTokens(200)
                  .setReasoningBudget(0)
                  .setResponseFormat(SCHEMA)));
      producer.send(
          prompt(
              "choice",
              null,
              SamplingParameters.newBuilder()
                  .setReasoningBudget(0)
                  .setChoice(List.of("yes", "no"))));
      producer.send(prompt("budget", "poor", SamplingParameters.newBuilder().setMaxTokens(100)));
      producer.send(
          prompt(
              "bad schema",
              null,
              SamplingParameters.newBuilder().setResponseFormat("{\"type\": \"unheard-of\"}")));
      producer.flush();
    }
  }

  private static PromptRequest prompt(
      String id, String tenant, SamplingParameters.Builder sampling) {
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setTenant(tenant)
        .setMessages(List.of(new ChatMessage("user", "The tap leaks")))
        .setSampling(sampling.build())
        .setCreatedAt(Instant.now())
        .build();
  }

  private static void assertSamplesDifferAndTheirChunksJoinToThem(
      GenericRecord completion, List<GenericRecord> chunks) {
    List<?> samples = (List<?>) completion.get("samples");
    assertThat(samples).hasSize(3);
    Map<Integer, TreeMap<Integer, String>> pieces = new HashMap<>();
    for (GenericRecord chunk : chunks) {
      if (chunk.get("request_id").toString().equals("samples")) {
        pieces
            .computeIfAbsent((Integer) chunk.get("sample"), index -> new TreeMap<>())
            .put((Integer) chunk.get("sequence"), chunk.get("text").toString());
      }
    }
    for (int index = 0; index < 3; index++) {
      GenericRecord sample = (GenericRecord) samples.get(index);
      assertThat(sample.get("index")).isEqualTo(index);
      assertThat(String.join("", pieces.get(index).values()))
          .isEqualTo(sample.get("answer").toString());
      assertThat((List<?>) sample.get("logprobs"))
          .hasSize((Integer) sample.get("completion_tokens"));
    }
    assertThat(completion.get("answer")).isEqualTo(((GenericRecord) samples.get(0)).get("answer"));
    assertThat(
            samples.stream()
                .map(sample -> ((GenericRecord) sample).get("answer").toString())
                .collect(Collectors.toSet()))
        .as("texts of three seeds")
        .hasSizeGreaterThan(1);
  }

  private static void assertFollowsTheSchema(GenericRecord completion) throws Exception {
    assertThat(completion.get("finish_reason"))
        .as("end of %s", completion.get("answer"))
        .hasToString("STOP");
    JsonNode answer = new ObjectMapper().readTree(completion.get("answer").toString());
    assertThat(answer.path("class").asText()).isIn("water", "power");
    assertThat(answer.path("urgent").isBoolean()).isTrue();
    assertThat(answer.size()).isEqualTo(2);
  }

  private static Map<String, GenericRecord> await(
      WireReader reader, String topic, int count, LocalPipeline pipeline) throws Exception {
    long deadline = System.nanoTime() + RESULTS_LIMIT.toNanos();
    Map<String, GenericRecord> byId = new HashMap<>();
    while (byId.size() < count) {
      assertThat(pipeline.failure()).isNotDone();
      assertThat(System.nanoTime())
          .as("deadline for %d records of %s, of which %s came", count, topic, byId.keySet())
          .isLessThan(deadline);
      Thread.sleep(500);
      for (GenericRecord record : reader.readAll(topic)) {
        byId.put(record.get("request_id").toString(), record);
      }
    }
    return byId;
  }
}
