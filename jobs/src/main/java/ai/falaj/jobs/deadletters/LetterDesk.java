package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;

/**
 * Dead letters for programs: which there are, and sending one again, as {@code falaj dead-letters}
 * does it: each letter once, whoever asks and however often.
 *
 * <p>Every call reads the topic from its beginning and has clients of its own; one call at a time.
 * Any thread.
 */
public final class LetterDesk {

  /** What came of the wish to send a letter again. */
  public enum Outcome {
    SENT,

    /** It had been sent again before. */
    ALREADY_RETRIED,

    /** It may have been, behind an open transaction of the job. */
    UNDECIDED,

    /** Its prompt was sent again as often as is allowed. */
    EXHAUSTED,

    /** Its record was too large for the letter and is nowhere any more. */
    GONE,

    /** There is no such letter. */
    UNKNOWN
  }

  private static final int MAX_RETRIES = 3;

  private final Connection connection;

  public LetterDesk(Connection connection) {
    this.connection = connection;
  }

  /**
   * All letters, oldest first.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer
   */
  public synchronized List<Letter> letters() {
    try (LetterAccess access = LetterAccess.open(connection)) {
      return letters(access);
    }
  }

  private static List<Letter> letters(LetterAccess access) {
    return access.topic().index(LetterFilter.ALL, left -> {}).letters();
  }

  /**
   * Sends the prompt of one letter again, to the topic that it was read from.
   *
   * @param partition of the letter
   * @param offset of the letter
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer; nothing was
   *     sent then
   */
  public synchronized Outcome retry(int partition, long offset) {
    String topic = connection.topic(RecordKind.DEAD_LETTERS);
    try (LetterAccess access = LetterAccess.open(connection);
        LetterSender sender =
            new LetterSender(KafkaClients.producer(connection, topic), topic, Optional.empty());
        SourceRecords sources =
            new SourceRecords(KafkaClients.consumer(connection, IsolationLevel.READ_COMMITTED))) {
      sender.takeOver();
      Optional<Letter> letter =
          letters(access).stream()
              .filter(one -> one.partition() == partition && one.offset() == offset)
              .findFirst();
      return letter.isEmpty()
          ? Outcome.UNKNOWN
          : retry(letter.get(), new RetryRun(access.topic(), sources, sender));
    }
  }

  private static Outcome retry(Letter letter, RetryRun run) {
    if (letter.state() == LetterState.RETRIED) {
      return Outcome.ALREADY_RETRIED;
    }
    if (letter.state() == LetterState.UNDECIDED) {
      return Outcome.UNDECIDED;
    }
    if (letter.retries() >= MAX_RETRIES) {
      return Outcome.EXHAUSTED;
    }
    return run.send(List.of(letter), sent -> {}).isEmpty() ? Outcome.SENT : Outcome.GONE;
  }
}
