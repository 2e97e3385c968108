package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultReaderIT {

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static SchemaRegistry registry;

  @BeforeAll
  static void start() {
    services = KafkaAndRegistry.start(directory);
    registry = new ConfluentSchemaRegistry(services.topics("unused").registry());
  }

  @AfterAll
  static void stop() {
    registry.close();
    services.close();
  }

  @Test
  void readsEverythingThatIsWrittenAfterItWasOpened() throws Exception {
    Connection connection = services.topics("after-open");
    try (PromptProducer producer = new PromptProducer(connection, registry)) {
      producer.send(prompt("before", null)).get();
      try (ResultReader reader =
          ResultReader.open(
              connection, registry, EnumSet.of(RecordKind.PROMPTS), new StartPoint.End())) {
        producer.send(prompt("after", null)).get();

        assertThat(read(reader, 1))
            .extracting(r -> r.requestId().orElseThrow())
            .containsExactly("after");
      }
    }
  }

  @Test
  void neverSeesWhatATransactionTookBack() {
    Connection connection = services.topics("aborted");
    try (KafkaProducer<String, DeadLetter> producer =
            new KafkaProducer<>(
                connection.clientSettings(
                    Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "aborted")),
                new StringSerializer(),
                new RecordSerializer<>(DeadLetter.class, registry));
        ResultReader reader =
            ResultReader.open(
                connection,
                registry,
                EnumSet.of(RecordKind.DEAD_LETTERS),
                new StartPoint.Beginning())) {
      String topic = connection.topic(RecordKind.DEAD_LETTERS);
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, 0, "k", deadLetter("aborted")));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, 0, "k", deadLetter("committed")));
      producer.commitTransaction();

      assertThat(read(reader, 1))
          .extracting(r -> r.requestId().orElseThrow())
          .containsExactly("committed");
      assertThat(reader.hasReached(reader.ends())).isTrue();
    }
  }

  @Test
  void keysPromptsByConversationAndTracesThem() throws Exception {
    Connection connection = services.topics("keys");
    try (PromptProducer producer = new PromptProducer(connection, registry)) {
      producer.send(prompt("r1", "c1")).get();
      producer.send(prompt("r2", null)).get();
      producer.cancel(prompt("r2", null)).get();
    }
    List<ConsumerRecord<String, byte[]>> records = raw(connection.topic(RecordKind.PROMPTS), 3);

    assertThat(records).extracting(ConsumerRecord::key).containsExactlyInAnyOrder("c1", "r2", "r2");
    assertThat(records)
        .filteredOn(record -> record.value() != null)
        .allSatisfy(
            record ->
                assertThat(
                        new String(
                            record.headers().lastHeader(PromptProducer.TRACEPARENT).value(),
                            StandardCharsets.US_ASCII))
                    .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
    assertThat(records)
        .filteredOn(record -> record.value() == null)
        .singleElement()
        .extracting(ConsumerRecord::key)
        .isEqualTo("r2");
  }

  private static List<ReadRecord> read(ResultReader reader, int count) {
    List<ReadRecord> records = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (records.size() < count && System.nanoTime() < deadline) {
      records.addAll(reader.poll(Duration.ofMillis(100)));
    }
    records.addAll(reader.poll(Duration.ofMillis(300)));
    return records;
  }

  private static List<ConsumerRecord<String, byte[]>> raw(String topic, int count) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", services.bootstrapServers()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (records.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  private static PromptRequest prompt(String id, String conversation) {
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setConversationId(conversation)
        .setMessages(List.of(new ChatMessage("user", "Hi")))
        .setCreatedAt(Instant.EPOCH)
        .build();
  }

  private static DeadLetter deadLetter(String id) {
    return DeadLetter.newBuilder()
        .setRequestId(id)
        .setSourceTopic("t")
        .setSourcePartition(0)
        .setSourceOffset(0)
        .setErrorCode(ErrorCode.EMPTY_PROMPT)
        .setMessage("m")
        .setFailedAt(Instant.EPOCH)
        .build();
  }
}
