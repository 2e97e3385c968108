package ai.falaj.jobs.dashboard.browser;

import ai.falaj.benchmarks.load.ConversationLengths;
import ai.falaj.benchmarks.load.RequestLength;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.Usage;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An hour of requests with the lengths of the conversation trace, written to the topics out of
 * order and some of it late, and to a file of JSON lines from which another program can count.
 * Seeded.
 */
final class ReplayedHour {

  /** Its answer has a million characters. */
  static final String LARGE_REQUEST = "replay/large";

  static final String MODEL = "replayed-model";

  /** Never asked for from elsewhere: its figures stay those of the hour. */
  static final List<String> TENANTS = List.of("acme", "beta|gamma", "شركة المياه الوطنية");

  private static final int REQUESTS = 1_500;
  private static final int CONTEXT_TOKENS = 4_096;
  private static final int LATE_PERCENT = 10;
  private static final int LATE_MS = 45_000;
  private static final int FAILED_PERCENT = 5;
  private static final int LARGE_CHARACTERS = 1_020_000;
  private static final int BURST_MINUTE = 40;
  private static final int BURST_REQUESTS = 60;
  private static final int CHUNK_TOKENS = 64;

  /** No prompt of the hour was written after the one that failed. */
  private static final long AFTER_ALL_PROMPTS = 1_000_000;

  private static final List<String> LABELS = List.of("leak", "odour", "meter");
  private static final String BURSTING_LABEL = "تسرب";

  private final ObjectMapper json = new ObjectMapper();
  private final Random random;
  private final Instant start;
  private final SchemaRegistry registry;
  private final int partitions;
  private final List<Written> records = new ArrayList<>();

  /**
   * @param start of the hour; a whole minute
   * @param partitions of each topic
   */
  ReplayedHour(long seed, Instant start, int partitions, SchemaRegistry registry) {
    this.random = new Random(seed);
    this.start = start;
    this.partitions = partitions;
    this.registry = registry;
  }

  /**
   * A record with the time at which it is written.
   *
   * @param line what an independent count knows of it; null: nothing
   */
  private record Written(
      Instant at, String topic, String key, SpecificRecord record, ObjectNode line) {}

  /** Makes the hour and writes it; returns when the broker has all of it. */
  void write(String bootstrapServers, Path lines) throws IOException {
    List<RequestLength> lengths =
        ConversationLengths.builtIn().draw(REQUESTS, CONTEXT_TOKENS, random.nextLong());
    for (int number = 0; number < REQUESTS; number++) {
      Instant created = start.plusMillis(random.nextInt((int) Duration.ofHours(1).toMillis()));
      add("replay-" + number, created, lengths.get(number), pick(LABELS));
    }
    for (int number = 0; number < BURST_REQUESTS; number++) {
      Instant created = start.plus(Duration.ofMinutes(BURST_MINUTE)).plusMillis(number * 500L);
      add("burst-" + number, created, lengths.get(number), BURSTING_LABEL);
    }
    addLarge(start.plus(Duration.ofMinutes(10)));
    records.sort(Comparator.comparing(Written::at));
    send(bootstrapServers);
    try (BufferedWriter out = Files.newBufferedWriter(lines)) {
      for (Written written : records) {
        if (written.line() != null) {
          out.write(json.writeValueAsString(written.line()));
          out.newLine();
        }
      }
    }
  }

  private void add(String id, Instant created, RequestLength length, String label) {
    String tenant = random.nextInt(10) == 0 ? null : pick(TENANTS);
    PromptRequest prompt = prompt(id, tenant, created);
    write(created, Topics.PROMPTS, id, prompt, null);
    if (random.nextInt(100) < FAILED_PERCENT) {
      addDeadLetter(id, tenant, prompt, inHour(created.plusMillis(random.nextInt(2_000))));
      return;
    }
    int firstTokenMs = 20 + random.nextInt(900);
    int totalMs = firstTokenMs + length.newTokens() * (5 + random.nextInt(20));
    Instant ended = inHour(created.plusMillis(totalMs));
    addChunks(id, length.newTokens(), created.plusMillis(firstTokenMs), ended);
    String answer = random.nextInt(4) == 0 ? "no JSON" : "{\"category\":\"" + label + "\"}";
    addCompletion(prompt, answer, length, firstTokenMs, totalMs, ended);
  }

  /** What would end after the hour ends with it: no window of another hour counts. */
  private Instant inHour(Instant time) {
    Instant last = start.plus(Duration.ofHours(1)).minusMillis(1);
    return time.isAfter(last) ? last : time;
  }

  private void addChunks(String id, int tokens, Instant first, Instant ended) {
    int sequence = 0;
    for (int offset = 0; offset < tokens; offset += CHUNK_TOKENS) {
      int count = Math.min(CHUNK_TOKENS, tokens - offset);
      boolean isLast = offset + count == tokens;
      long afterMs = Duration.between(first, ended).toMillis() * (offset + count) / tokens;
      Instant emitted = inHour(first.plusMillis(Math.max(0, afterMs)));
      CompletionChunk chunk =
          new CompletionChunk(
              id,
              1,
              sequence++,
              offset,
              count,
              Channel.ANSWER,
              "كلمة ".repeat(count),
              isLast ? FinishReason.STOP : null,
              emitted,
              0,
              0);
      write(emitted, Topics.CHUNKS, id, chunk, line("chunk", emitted).put("tokens", count));
    }
  }

  private void addCompletion(
      PromptRequest prompt,
      String answer,
      RequestLength length,
      long firstTokenMs,
      long totalMs,
      Instant ended) {
    int cached = random.nextInt(length.promptTokens());
    Completion completion =
        Completion.newBuilder()
            .setRequestId(prompt.getRequestId())
            .setTenant(prompt.getTenant())
            .setAnswer(answer)
            .setFinishReason(FinishReason.STOP)
            .setUsage(new Usage(length.promptTokens(), cached, 0, length.newTokens()))
            .setTimings(new Timings(firstTokenMs / 3, firstTokenMs, totalMs))
            .setProvenance(
                Provenance.newBuilder()
                    .setModel(MODEL)
                    .setEngine("replay")
                    .setEngineVersion("1")
                    .setSeed(1)
                    .setSampling(SamplingParameters.newBuilder().build())
                    .setAttempts(1)
                    .build())
            .setCompletedAt(ended)
            .build();
    ObjectNode line =
        line("completion", ended)
            .put("tenant", prompt.getTenant() == null ? "" : prompt.getTenant())
            .put("promptTokens", length.promptTokens())
            .put("cachedTokens", cached)
            .put("completionTokens", length.newTokens())
            .put("ttftMs", firstTokenMs)
            .put("totalMs", totalMs)
            .put("label", answer.startsWith("{") ? answer.replaceAll(".*:\"(.*)\"}", "$1") : null);
    write(ended, Topics.COMPLETIONS, prompt.getRequestId(), completion, line);
  }

  private void addLarge(Instant created) {
    PromptRequest prompt = prompt(LARGE_REQUEST, TENANTS.get(0), created);
    write(created, Topics.PROMPTS, LARGE_REQUEST, prompt, null);
    String answer = "a line of a very long answer\n".repeat(LARGE_CHARACTERS / 29);
    RequestLength length = new RequestLength(10, 4_000);
    addCompletion(prompt, answer, length, 100, 60_000, created.plusSeconds(60));
  }

  private void addDeadLetter(String id, String tenant, PromptRequest prompt, Instant failed) {
    byte[] value = serializer(prompt).serialize(Topics.PROMPTS, prompt);
    ErrorCode code = random.nextBoolean() ? ErrorCode.TIMEOUT : ErrorCode.UNKNOWN_MODEL;
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setRequestId(id)
            .setValue(ByteBuffer.wrap(value))
            .setSourceTopic(Topics.PROMPTS)
            .setSourcePartition(Math.floorMod(id.hashCode(), partitions))
            .setSourceOffset(AFTER_ALL_PROMPTS)
            .setErrorCode(code)
            .setMessage("replayed")
            .setFailedAt(failed)
            .build();
    ObjectNode line =
        line("deadLetter", failed)
            .put("code", code.name())
            .put("tenant", tenant == null ? "" : tenant);
    write(failed, Topics.DEAD_LETTERS, id, letter, line);
  }

  private static PromptRequest prompt(String id, String tenant, Instant created) {
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setTenant(tenant)
        .setModel(MODEL)
        .setMessages(
            List.of(ChatMessage.newBuilder().setRole("user").setContent("which category?").build()))
        .setCreatedAt(created)
        .build();
  }

  private ObjectNode line(String kind, Instant at) {
    return json.createObjectNode().put("kind", kind).put("at", at.toEpochMilli());
  }

  /** Some are written late, so that they lie behind newer ones. */
  private void write(Instant at, String topic, String key, SpecificRecord record, ObjectNode line) {
    boolean late = random.nextInt(100) < LATE_PERCENT;
    Instant written = late ? at.plusMillis(random.nextInt(LATE_MS)) : at;
    records.add(new Written(written, topic, key, record, line));
  }

  private void send(String bootstrapServers) {
    Map<String, Object> options = Map.of("bootstrap.servers", bootstrapServers);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(options, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (Written written : records) {
        byte[] value = serializer(written.record()).serialize(written.topic(), written.record());
        int partition = Math.floorMod(written.key().hashCode(), partitions);
        byte[] key = written.key().getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(written.topic(), partition, key, value));
      }
      producer.flush();
    }
  }

  @SuppressWarnings("unchecked")
  private <T extends SpecificRecord> RecordSerializer<T> serializer(T record) {
    return new RecordSerializer<>((Class<T>) record.getClass(), registry);
  }

  private String pick(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }
}
