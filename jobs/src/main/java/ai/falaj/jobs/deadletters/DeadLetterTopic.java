package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * The topic of dead letters, read twice at most: once for what there is and what of it was retried,
 * once more for the bytes of those that are to be sent. Owns its consumers. Confined to one thread.
 *
 * <p>A consumer that reads committed records stops at the first transaction that is open, and the
 * job keeps one open from its first dead letter to the next checkpoint. Marks of a retry may lie
 * behind it: committed, and out of sight. So what lies behind is read as well, uncommitted, and a
 * letter that a mark names there is {@link LetterState#UNDECIDED}: the mark may count or may have
 * been taken back, and sending the letter could be the second time.
 */
final class DeadLetterTopic implements AutoCloseable {

  private final String topic;
  private final Consumer<byte[], byte[]> committed;
  private final Consumer<byte[], byte[]> uncommitted;
  private final Deserializer<DeadLetter> deserializer;

  /**
   * @param committed reads committed records only; without a group, without an assignment
   * @param uncommitted reads all records; likewise
   * @param deserializer stays the caller's
   */
  DeadLetterTopic(
      String topic,
      Consumer<byte[], byte[]> committed,
      Consumer<byte[], byte[]> uncommitted,
      Deserializer<DeadLetter> deserializer) {
    this.topic = topic;
    this.committed = committed;
    this.uncommitted = uncommitted;
    this.deserializer = deserializer;
  }

  /** Takes a dead letter with its bytes. */
  interface Visitor {

    /**
     * @param message the record it was read from, for its key and headers
     */
    void visit(Letter letter, DeadLetter content, ConsumerRecord<byte[], byte[]> message);
  }

  /**
   * Finds the letters that match, from the beginning of the topic to where it ends now.
   *
   * @param progress is told how many offsets are still to be read
   */
  LetterIndex index(LetterFilter filter, LongConsumer progress) {
    List<TopicPartition> partitions = partitions();
    committed.assign(partitions);
    committed.resume(committed.paused());
    committed.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = committed.endOffsets(partitions);
    Indexing found = new Indexing(filter, progress);
    new TopicScan(committed, System::nanoTime).readTo(ends, found);
    return found.result(marksBehind(ends));
  }

  /** What happens with each record of the first reading. */
  private final class Indexing implements TopicScan.Handler {
    private final LetterFilter filter;
    private final LongConsumer progress;
    private final List<Letter> letters = new ArrayList<>();
    private final Marks retried = new Marks();
    private long undecodable;

    Indexing(LetterFilter filter, LongConsumer progress) {
      this.filter = filter;
      this.progress = progress;
    }

    @Override
    public void handle(ConsumerRecord<byte[], byte[]> message) {
      if (message.value() == null) {
        retried.addIfMark(message);
        return;
      }
      try {
        DeadLetter letter = deserializer.deserialize(topic, message.value());
        if (filter.matches(letter)) {
          letters.add(Letter.open(message.partition(), message.offset(), letter));
        }
      } catch (UndecodableRecordException e) {
        undecodable++;
      }
    }

    @Override
    public void progress(long left) {
      progress.accept(left);
    }

    LetterIndex result(Marks undecided) {
      List<Letter> inState =
          letters.stream()
              .map(
                  letter ->
                      retried.contains(letter)
                          ? letter.in(LetterState.RETRIED)
                          : undecided.contains(letter) ? letter.in(LetterState.UNDECIDED) : letter)
              .toList();
      return new LetterIndex(inState, undecodable);
    }
  }

  /** The letters that marks name, by partition. */
  private static final class Marks {
    private final Map<Integer, Set<Long>> offsets = new HashMap<>();

    void addIfMark(ConsumerRecord<byte[], byte[]> message) {
      OptionalLong marked = RetryMark.read(message);
      if (marked.isPresent()) {
        offsets
            .computeIfAbsent(message.partition(), partition -> new HashSet<>())
            .add(marked.getAsLong());
      }
    }

    boolean contains(Letter letter) {
      return offsets.getOrDefault(letter.partition(), Set.of()).contains(letter.offset());
    }
  }

  private Marks marksBehind(Map<TopicPartition, Long> committedEnds) {
    Collection<TopicPartition> partitions = committedEnds.keySet();
    uncommitted.assign(partitions);
    uncommitted.resume(uncommitted.paused());
    committedEnds.forEach(uncommitted::seek);
    Marks marks = new Marks();
    new TopicScan(uncommitted, System::nanoTime)
        .readTo(uncommitted.endOffsets(partitions), marks::addIfMark);
    return marks;
  }

  /**
   * Reads letters again, with their bytes, in the order of each partition.
   *
   * @return those that are there no more
   */
  List<Letter> visit(List<Letter> wanted, Visitor visitor) {
    Map<TopicPartition, TreeMap<Long, Letter>> left = new HashMap<>();
    for (Letter letter : wanted) {
      left.computeIfAbsent(new TopicPartition(topic, letter.partition()), p -> new TreeMap<>())
          .put(letter.offset(), letter);
    }
    committed.assign(left.keySet());
    committed.resume(committed.paused());
    Map<TopicPartition, Long> ends = new HashMap<>();
    left.forEach(
        (partition, letters) -> {
          committed.seek(partition, letters.firstKey());
          ends.put(partition, letters.lastKey() + 1);
        });
    new TopicScan(committed, System::nanoTime)
        .readTo(
            ends,
            message -> {
              Letter letter =
                  left.get(new TopicPartition(topic, message.partition())).remove(message.offset());
              if (letter != null) {
                visitor.visit(letter, deserializer.deserialize(topic, message.value()), message);
              }
            });
    return left.values().stream().flatMap(letters -> letters.values().stream()).toList();
  }

  private List<TopicPartition> partitions() {
    List<PartitionInfo> found = committed.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw new UnknownTopicOrPartitionException("the broker tells no partition of " + topic);
    }
    return found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  @Override
  public void close() {
    committed.close();
    uncommitted.close();
  }
}
