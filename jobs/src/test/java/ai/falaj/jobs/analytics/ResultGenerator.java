package ai.falaj.jobs.analytics;

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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes completions, dead letters and chunks as the other jobs do, some of them out of order and
 * some late, but none too late. Seeded.
 */
final class ResultGenerator implements AutoCloseable {

  private static final List<String> TENANTS = List.of("acme", "a|b", "سد");
  private static final List<String> LABELS = List.of("leak", "odour", "تسرب");
  private static final int LATE_SECONDS = 45;

  private final Random random;
  private final int partitions;
  private final SchemaRegistry registry;
  private final KafkaProducer<byte[], byte[]> producer;

  ResultGenerator(long seed, int partitions, String bootstrapServers, SchemaRegistry registry) {
    this.random = new Random(seed);
    this.partitions = partitions;
    this.registry = registry;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** A record of each kind every few seconds, with bytes that are none between them. */
  void write(Instant from, Instant to) {
    int number = 0;
    for (Instant time = from; time.isBefore(to); time = time.plusSeconds(1 + random.nextInt(6))) {
      int partition = random.nextInt(partitions);
      send(Topics.COMPLETIONS, partition, completion(maybeLate(time), number));
      if (number % 3 == 0) {
        send(Topics.DEAD_LETTERS, partition, deadLetter(maybeLate(time), number));
      }
      if (number % 2 == 0) {
        send(Topics.CHUNKS, partition, chunk(maybeLate(time)));
      }
      if (number % 50 == 0) {
        producer.send(
            new ProducerRecord<>(Topics.COMPLETIONS, partition, null, new byte[] {1, 2, 3}));
      }
      number++;
    }
    producer.flush();
  }

  /** Records so much later, one in every partition, that all windows before them close. */
  void writeEverywhere(Instant time) {
    for (int partition = 0; partition < partitions; partition++) {
      send(Topics.COMPLETIONS, partition, completion(time, 0));
      send(Topics.DEAD_LETTERS, partition, deadLetter(time, 0));
      send(Topics.CHUNKS, partition, chunk(time));
    }
    producer.flush();
  }

  private Instant maybeLate(Instant time) {
    return random.nextInt(10) == 0 ? time.minusSeconds(random.nextInt(LATE_SECONDS)) : time;
  }

  private <T extends SpecificRecord> void send(String topic, int partition, T record) {
    @SuppressWarnings("unchecked")
    Class<T> recordClass = (Class<T>) record.getClass();
    byte[] value = new RecordSerializer<>(recordClass, registry).serialize(topic, record);
    producer.send(new ProducerRecord<>(topic, partition, null, value));
  }

  private Completion completion(Instant time, int number) {
    int total = 50 + random.nextInt(20_000);
    int prompt = random.nextInt(2_000);
    int completion = random.nextInt(1_000);
    return Completion.newBuilder()
        .setRequestId("r" + number)
        .setTenant(random.nextInt(5) == 0 ? null : pick(TENANTS))
        .setAnswer(
            random.nextInt(4) == 0 ? "no JSON" : "{\"category\":\"%s\"}".formatted(pick(LABELS)))
        .setFinishReason(random.nextBoolean() ? FinishReason.STOP : FinishReason.LENGTH)
        .setUsage(new Usage(prompt, prompt / 3, completion / 2, completion))
        .setTimings(new Timings(1L, (long) random.nextInt(total), (long) total))
        .setProvenance(
            Provenance.newBuilder()
                .setModel(random.nextInt(3) == 0 ? "small" : "k2")
                .setEngine("scripted")
                .setEngineVersion("1")
                .setSeed(1)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setMetadata(random.nextBoolean() ? Map.of("template", "tickets") : Map.of())
        .setCompletedAt(time)
        .build();
  }

  private DeadLetter deadLetter(Instant time, int number) {
    PromptRequest prompt =
        PromptRequest.newBuilder()
            .setRequestId("d" + number)
            .setTenant(pick(TENANTS))
            .setModel("k2")
            .setMessages(
                List.of(ChatMessage.newBuilder().setRole("user").setContent("where?").build()))
            .setCreatedAt(time)
            .build();
    byte[] value =
        new RecordSerializer<>(PromptRequest.class, registry).serialize(Topics.PROMPTS, prompt);
    return DeadLetter.newBuilder()
        .setRequestId("d" + number)
        .setValue(ByteBuffer.wrap(random.nextInt(4) == 0 ? new byte[] {7} : value))
        .setSourceTopic(Topics.PROMPTS)
        .setSourcePartition(0)
        .setSourceOffset(number)
        .setErrorCode(random.nextBoolean() ? ErrorCode.TIMEOUT : ErrorCode.UNKNOWN_MODEL)
        .setMessage("m")
        .setFailedAt(time)
        .build();
  }

  private CompletionChunk chunk(Instant time) {
    return new CompletionChunk(
        "r", 1, 0, 0, random.nextInt(9), Channel.ANSWER, "سلام", null, time, 0, 0);
  }

  private String pick(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  @Override
  public void close() {
    producer.close();
  }
}
