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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything real but the size of the model: broker, registry, Flink with four slots, llama.cpp.
 * What comes out is read by a client that shares no code with Falaj.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RealEngineIT {

  private static final int PROMPTS = 1_000;
  private static final Duration RESULTS_LIMIT = Duration.ofMinutes(3);

  @TempDir Path directory;

  @Test
  void aThousandPromptsGiveAThousandCompletionsWhoseChunksJoinToThem() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11);
    Configuration job = new Configuration();
    job.set(CompletionOptions.MODEL, model.toString());
    job.set(CompletionOptions.CONTEXT_TOKENS, 256);
    LocalStackOptions stack =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 4)
            .withSlots(4);

    try (LocalPipeline pipeline = LocalPipeline.start(stack, job, 2, ProgressListener.NONE)) {
      String bootstrapServers = pipeline.stack().kafka().bootstrapServers();
      String registryUrl = pipeline.stack().registry().url();
      send(bootstrapServers, registryUrl);
      WireReader reader = new WireReader(bootstrapServers, registryUrl);

      Map<String, GenericRecord> completions = awaitCompletions(reader, pipeline);
      assertThat(completions.keySet())
          .isEqualTo(
              IntStream.range(0, PROMPTS).mapToObj(RealEngineIT::id).collect(Collectors.toSet()));
      assertThat(reader.readAll(Topics.DEAD_LETTERS)).isEmpty();
      Map<String, String> texts = joinedChunks(reader.readAll(Topics.CHUNKS));
      for (Map.Entry<String, GenericRecord> completion : completions.entrySet()) {
        assertThat(texts.get(completion.getKey()))
            .as("chunks of %s", completion.getKey())
            .isEqualTo(completion.getValue().get("answer").toString());
      }
    }
  }

  private static void send(String bootstrapServers, String registryUrl) throws Exception {
    Connection connection = Connection.of(bootstrapServers, registryUrl);
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        PromptProducer producer = new PromptProducer(connection, registry)) {
      for (int index = 0; index < PROMPTS; index++) {
        producer.send(prompt(index));
      }
      producer.flush();
    }
  }

  private static PromptRequest prompt(int index) {
    return PromptRequest.newBuilder()
        .setRequestId(id(index))
        .setMessages(List.of(new ChatMessage("user", "prompt number " + index)))
        .setSampling(
            SamplingParameters.newBuilder()
                .setSeed((long) index)
                .setMaxTokens(1 + index % 24)
                .build())
        .setCreatedAt(Instant.now())
        .build();
  }

  private static String id(int index) {
    return "request-" + index;
  }

  /** Waits for all of them, then for two more checkpoints in which none may come twice. */
  private static Map<String, GenericRecord> awaitCompletions(
      WireReader reader, LocalPipeline pipeline) throws Exception {
    long deadline = System.nanoTime() + RESULTS_LIMIT.toNanos();
    while (reader.readAll(Topics.COMPLETIONS).size() < PROMPTS) {
      assertThat(pipeline.failure()).isNotDone();
      assertThat(System.nanoTime()).as("deadline for all completions").isLessThan(deadline);
      Thread.sleep(500);
    }
    Thread.sleep(2_500);
    Map<String, GenericRecord> byId = new HashMap<>();
    for (GenericRecord completion : reader.readAll(Topics.COMPLETIONS)) {
      String id = completion.get("request_id").toString();
      assertThat(byId.put(id, completion)).as("second completion of %s", id).isNull();
    }
    return byId;
  }

  /** The text of each request: its chunks in the order of their sequence, which has no gap. */
  private static Map<String, String> joinedChunks(List<GenericRecord> chunks) {
    Map<String, TreeMap<Integer, String>> pieces = new HashMap<>();
    Set<String> finished = new HashSet<>();
    Map<String, Integer> attempts = new HashMap<>();
    for (GenericRecord chunk : chunks) {
      String id = chunk.get("request_id").toString();
      assertThat(attempts.merge(id, (Integer) chunk.get("attempt"), (a, b) -> a.equals(b) ? a : -1))
          .as("the one attempt of %s", id)
          .isPositive();
      pieces
          .computeIfAbsent(id, unused -> new TreeMap<>())
          .put((Integer) chunk.get("sequence"), chunk.get("text").toString());
      if (chunk.get("finish_reason") != null) {
        finished.add(id);
      }
    }
    assertThat(finished).hasSize(PROMPTS);
    Map<String, String> texts = new HashMap<>();
    pieces.forEach(
        (id, bySequence) -> {
          assertThat(bySequence.lastKey())
              .as("last sequence of %s", id)
              .isEqualTo(bySequence.size() - 1);
          texts.put(id, String.join("", bySequence.values()));
        });
    return texts;
  }
}
