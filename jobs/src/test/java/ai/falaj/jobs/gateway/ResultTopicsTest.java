package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.client.Connection;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResultTopicsTest {

  private static final Duration AT_ONCE = Duration.ZERO;
  private static final long END = 40;
  private static final Predicate<String> MINE = "mine"::equals;

  private final InMemorySchemaRegistry written = new InMemorySchemaRegistry();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private ResultTopics topics;

  @BeforeEach
  void open() {
    for (String topic : List.of(Topics.CHUNKS, Topics.COMPLETIONS, Topics.DEAD_LETTERS)) {
      partitions(topic, 1);
    }
    topics = new ResultTopics(Connection.of("unused:1", "http://unused"), written, consumer);
  }

  @AfterEach
  void close() {
    topics.close();
  }

  private void partitions(String topic, int count) {
    consumer.updatePartitions(
        topic,
        IntStream.range(0, count)
            .mapToObj(number -> new PartitionInfo(topic, number, null, null, null))
            .toList());
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (int number = 0; number < count; number++) {
      beginnings.put(new TopicPartition(topic, number), 0L);
      ends.put(new TopicPartition(topic, number), END);
    }
    consumer.updateBeginningOffsets(beginnings);
    consumer.updateEndOffsets(ends);
  }

  private void add(String topic, int partition, long offset, String key, byte[] value) {
    consumer.addRecord(
        new ConsumerRecord<>(
            topic, partition, offset, key.getBytes(StandardCharsets.UTF_8), value));
  }

  private <T extends SpecificRecord> byte[] bytes(Class<T> type, String topic, T value) {
    return new RecordSerializer<>(type, written).serialize(topic, value);
  }

  private byte[] chunk(String text) {
    return bytes(
        CompletionChunk.class,
        Topics.CHUNKS,
        new CompletionChunk("mine", 1, 0, 0, 1, Channel.ANSWER, text, null, Instant.EPOCH, 0, 0));
  }

  private List<String> texts() {
    return topics.poll(AT_ONCE, MINE).stream()
        .map(result -> ((CompletionChunk) result.value()).getText())
        .toList();
  }

  @Test
  void readsFromTheEndOn() {
    topics.refresh();

    assertThat(consumer.position(new TopicPartition(Topics.CHUNKS, 0))).isEqualTo(END);
    assertThat(consumer.position(new TopicPartition(Topics.DEAD_LETTERS, 0))).isEqualTo(END);
  }

  @Test
  void readsAPartitionThatComesLaterFromItsBeginning() {
    topics.refresh();
    partitions(Topics.CHUNKS, 2);
    topics.refresh();
    add(Topics.CHUNKS, 1, 0, "mine", chunk("early"));

    assertThat(texts()).containsExactly("early");
    assertThat(consumer.position(new TopicPartition(Topics.CHUNKS, 0))).isEqualTo(END);
  }

  @Test
  void doesNotDecodeWhatNobodyHereWaitsFor() {
    topics.refresh();
    byte[] mine = chunk("a");
    int calls = written.calls();
    add(Topics.CHUNKS, 0, END, "theirs", mine);
    add(Topics.CHUNKS, 0, END + 1, "theirs", "no avro".getBytes(StandardCharsets.UTF_8));

    assertThat(topics.poll(AT_ONCE, MINE)).isEmpty();
    assertThat(written.calls()).isEqualTo(calls);
  }

  @Test
  void passesOverBytesThatAreNoRecord() {
    topics.refresh();
    add(Topics.CHUNKS, 0, END, "mine", "no avro".getBytes(StandardCharsets.UTF_8));
    add(Topics.CHUNKS, 0, END + 1, "mine", chunk("b"));

    assertThat(texts()).containsExactly("b");
  }

  /** The job could not read the prompt, so its dead letter names none; the record's key does. */
  @Test
  void findsTheRequestOfADeadLetterThatNamesNone() {
    topics.refresh();
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setSourceTopic(Topics.PROMPTS)
            .setSourcePartition(0)
            .setSourceOffset(7)
            .setErrorCode(ErrorCode.UNKNOWN_SCHEMA_ID)
            .setMessage("the registry has no such schema; use one for both")
            .setFailedAt(Instant.EPOCH)
            .build();
    byte[] value = bytes(DeadLetter.class, Topics.DEAD_LETTERS, letter);
    add(Topics.DEAD_LETTERS, 0, END, "mine", value);

    assertThat(topics.poll(AT_ONCE, MINE))
        .singleElement()
        .satisfies(result -> assertThat(result.key()).isEqualTo("mine"));
  }

  @Test
  void goesBackToTheRecordWhoseSchemaTheRegistryCouldNotTell() {
    topics.refresh();
    byte[] first = chunk("c");
    written.failWith(Kind.UNREACHABLE);
    add(Topics.CHUNKS, 0, END, "mine", first);
    add(Topics.CHUNKS, 0, END + 1, "mine", first);

    assertThat(texts()).isEmpty();
    assertThat(topics.registryFailure()).isPresent();
    assertThat(consumer.position(new TopicPartition(Topics.CHUNKS, 0))).isEqualTo(END);

    written.recover();
    add(Topics.CHUNKS, 0, END, "mine", first);

    assertThat(texts()).containsExactly("c");
    assertThat(topics.registryFailure()).isEmpty();
  }

  @Test
  void saysThatATopicIsMissing() {
    consumer.updatePartitions(Topics.COMPLETIONS, List.of());

    assertThatThrownBy(topics::refresh)
        .isInstanceOf(UnknownTopicOrPartitionException.class)
        .hasMessageContaining(Topics.COMPLETIONS);
  }
}
