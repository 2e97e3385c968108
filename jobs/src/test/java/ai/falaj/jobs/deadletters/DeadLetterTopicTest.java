package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLetterTopicTest {

  private static final TopicPartition FIRST = new TopicPartition(Letters.TOPIC, 0);
  private static final TopicPartition SECOND = new TopicPartition(Letters.TOPIC, 1);

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final MockConsumer<byte[], byte[]> committed = new MockConsumer<>("earliest");
  private final MockConsumer<byte[], byte[]> uncommitted = new MockConsumer<>("earliest");
  private final DeadLetterTopic topic =
      new DeadLetterTopic(
          Letters.TOPIC,
          committed,
          uncommitted,
          new RecordDeserializer<>(DeadLetter.class, registry));

  @BeforeEach
  void tellPartitions() {
    committed.updatePartitions(
        Letters.TOPIC,
        List.of(
            new PartitionInfo(Letters.TOPIC, 0, null, null, null),
            new PartitionInfo(Letters.TOPIC, 1, null, null, null)));
    committed.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
    uncommitted.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
  }

  @Test
  void findsLettersInTheOrderInWhichTheyFailed() {
    DeadLetter later = Letters.letter("later", ErrorCode.ENGINE_FAILURE);
    later.setFailedAt(Letters.NOON.plusSeconds(1));
    DeadLetter earlier = Letters.letter("earlier", ErrorCode.EMPTY_PROMPT);
    holds(committed, Letters.message(0, 0, later, registry));
    holds(committed, Letters.message(1, 0, earlier, registry));
    ends(committed, 1, 1);
    ends(uncommitted, 1, 1);

    assertThat(topic.index(LetterFilter.ALL, left -> {}).letters())
        .containsExactly(Letter.open(1, 0, earlier), Letter.open(0, 0, later));
  }

  @Test
  void knowsALetterByItsMarkAsRetriedAndNoOtherPartitions() {
    DeadLetter letter = Letters.letter("r1", ErrorCode.ENGINE_FAILURE);
    holds(
        committed,
        Letters.message(0, 0, letter, registry),
        Letters.message(1, 0, letter, registry),
        Letters.mark(1, 1, 0));
    ends(committed, 1, 2);
    ends(uncommitted, 1, 2);

    assertThat(topic.index(LetterFilter.ALL, left -> {}).letters())
        .extracting(Letter::partition, Letter::state)
        .containsExactly(tuple(0, LetterState.OPEN), tuple(1, LetterState.RETRIED));
  }

  @Test
  void cannotDecideAboutAMarkBehindAnOpenTransaction() {
    DeadLetter letter = Letters.letter("r1", ErrorCode.ENGINE_FAILURE);
    holds(
        committed,
        Letters.message(0, 0, letter, registry),
        Letters.message(0, 1, letter, registry));
    holds(uncommitted, Letters.message(0, 2, letter, registry), Letters.mark(0, 3, 1));
    ends(committed, 2, 0);
    ends(uncommitted, 4, 0);

    assertThat(topic.index(LetterFilter.ALL, left -> {}).letters())
        .extracting(Letter::offset, Letter::state)
        .containsExactly(tuple(0L, LetterState.OPEN), tuple(1L, LetterState.UNDECIDED));
  }

  @Test
  void countsRecordsThatAreNoLettersAndGoesOn() {
    holds(
        committed,
        new ConsumerRecord<>(Letters.TOPIC, 0, 0, null, Letters.bytes("no letter")),
        new ConsumerRecord<>(Letters.TOPIC, 0, 1, Letters.bytes("k"), null),
        Letters.message(0, 2, Letters.letter("r1", ErrorCode.ENGINE_FAILURE), registry));
    ends(committed, 3, 0);
    ends(uncommitted, 3, 0);

    LetterIndex index = topic.index(LetterFilter.ALL, left -> {});

    assertThat(index.letters()).hasSize(1);
    assertThat(index.undecodable()).isEqualTo(1);
  }

  @Test
  void leavesOutWhatTheFilterDoesNotMatch() {
    holds(
        committed,
        Letters.message(0, 0, Letters.letter("r1", ErrorCode.ENGINE_FAILURE), registry),
        Letters.message(0, 1, Letters.letter("r2", ErrorCode.EMPTY_PROMPT), registry));
    ends(committed, 2, 0);
    ends(uncommitted, 2, 0);
    LetterFilter engineFailures =
        new LetterFilter(Set.of(ErrorCode.ENGINE_FAILURE), Set.of(), Optional.empty());

    assertThat(topic.index(engineFailures, left -> {}).letters())
        .extracting(letter -> letter.requestId().orElseThrow())
        .containsExactly("r1");
  }

  @Test
  void readsToTheEndsOfTheStartWhateverIsWrittenMeanwhile() {
    holds(
        committed,
        Letters.message(0, 0, Letters.letter("before", ErrorCode.ENGINE_FAILURE), registry),
        Letters.message(0, 1, Letters.letter("meanwhile", ErrorCode.ENGINE_FAILURE), registry));
    ends(committed, 1, 0);
    ends(uncommitted, 1, 0);

    assertThat(topic.index(LetterFilter.ALL, left -> {}).letters())
        .extracting(letter -> letter.requestId().orElseThrow())
        .containsExactly("before");
  }

  @Test
  void visitsWhatIsWantedWithItsBytesAndTellsWhatIsGone() {
    DeadLetter first = Letters.letter("r1", ErrorCode.ENGINE_FAILURE);
    DeadLetter second = Letters.letter("r2", ErrorCode.ENGINE_FAILURE);
    holds(
        committed, Letters.message(0, 4, first, registry), Letters.message(0, 5, second, registry));
    committed.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
    Letter gone = Letter.open(0, 3, first);
    Letter wanted = Letter.open(0, 5, second);
    List<DeadLetter> visited = new ArrayList<>();

    assertThat(
            topic.visit(
                List.of(gone, wanted),
                (letter, content, message) -> {
                  assertThat(letter).isEqualTo(wanted);
                  assertThat(message.key()).isEqualTo(Letters.bytes("r2"));
                  visited.add(content);
                }))
        .containsExactly(gone);
    assertThat(visited).containsExactly(second);
  }

  @SafeVarargs
  private static void holds(
      MockConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]>... messages) {
    consumer.schedulePollTask(
        () -> {
          for (ConsumerRecord<byte[], byte[]> message : messages) {
            consumer.addRecord(message);
          }
        });
  }

  private static void ends(MockConsumer<byte[], byte[]> consumer, long first, long second) {
    consumer.updateEndOffsets(Map.of(FIRST, first, SECOND, second));
  }
}
