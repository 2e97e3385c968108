package ai.falaj.jobs.chaos;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads all four topics from the beginning to the end that they have now, committed records only,
 * into a ledger. Stateless.
 */
final class LedgerReading {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private LedgerReading() {}

  /**
   * @throws StackException when the broker does not bring all of it within minutes
   */
  static void readInto(Ledger ledger, Connection connection, SchemaRegistry registry) {
    try (ResultReader reader =
        ResultReader.open(
            connection, registry, EnumSet.allOf(RecordKind.class), new StartPoint.Beginning())) {
      Map<TopicPartition, Long> ends = reader.ends();
      long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
      while (!reader.hasReached(ends)) {
        if (System.nanoTime() - deadlineNanos > 0) {
          throw StackException.failure(
              "the topics could not be read within " + LIMIT.toMinutes() + " minutes",
              "see the broker's log",
              null);
        }
        reader.poll(POLL).forEach(record -> enter(ledger, record));
      }
    }
  }

  private static void enter(Ledger ledger, ReadRecord record) {
    if (record.content() instanceof ReadRecord.Content.Undecodable undecodable) {
      throw StackException.failure(
          "record %d of %s-%d cannot be read: %s"
              .formatted(
                  record.offset(), record.topic(), record.partition(), undecodable.message()),
          "this run wrote it: it is a defect",
          null);
    }
    record.value(PromptRequest.class).ifPresent(prompt -> ledger.prompt(prompt.getRequestId()));
    record.value(CompletionChunk.class).ifPresent(ledger::chunk);
    record.value(Completion.class).ifPresent(ledger::completion);
    record
        .value(DeadLetter.class)
        .ifPresent(
            letter -> ledger.deadLetter(record.requestId().orElse("a record without an id")));
  }
}
