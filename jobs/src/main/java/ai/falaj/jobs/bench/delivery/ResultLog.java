package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.Completion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Waits for the completions of a job, and reads them when it is over. Confined to one thread. */
final class ResultLog {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration STALL_LIMIT = Duration.ofMinutes(2);

  private final BenchStack stack;
  private final Connection connection;
  private final BenchJob job;

  ResultLog(BenchStack stack, Connection connection, BenchJob job) {
    this.stack = stack;
    this.connection = connection;
    this.job = job;
  }

  /**
   * A completion in its topic.
   *
   * @param appendedAtMs the broker's time
   */
  record Result(String requestId, String conversation, int tokens, long appendedAtMs) {}

  /**
   * Waits until so many completions are committed, without reading any before the last are
   * appended: a reader would compete with the job. The results are in the order of each partition.
   *
   * @throws CliException where the job ends, a completion comes twice, or nothing comes for two
   *     minutes
   */
  List<Result> await(int count, Console console) throws InterruptedException {
    awaitAppended(count, console);
    List<Result> results = new ArrayList<>(count);
    Set<String> ids = new HashSet<>();
    long lastNewsNanos = System.nanoTime();
    try (ResultReader reader =
        ResultReader.open(
            connection,
            stack.registry(),
            EnumSet.of(RecordKind.COMPLETIONS),
            new StartPoint.Beginning())) {
      while (results.size() < count) {
        List<ReadRecord> records = reader.poll(POLL);
        records.forEach(record -> take(record, ids, results));
        lastNewsNanos = checkedNews(!records.isEmpty(), lastNewsNanos, results.size(), count);
      }
    }
    return results;
  }

  private static void take(ReadRecord record, Set<String> ids, List<Result> results) {
    Completion completion =
        record
            .value(Completion.class)
            .orElseThrow(() -> new IllegalStateException("no completion: " + record.key()));
    String requestId = record.key().orElseThrow();
    if (!ids.add(requestId)) {
      throw CliException.failure("the completion of " + requestId + " came twice", "see the log");
    }
    results.add(
        new Result(
            requestId,
            completion.getConversationId(),
            completion.getUsage().getCompletionTokens(),
            record.timestamp().toEpochMilli()));
  }

  /** The ends count the marks of transactions too, so the last few may be still to come. */
  void awaitAppended(int count, Console console) throws InterruptedException {
    try (ProgressBar progress = console.progress("measuring", ProgressBar.Unit.COUNT)) {
      long before = 0;
      long lastNewsNanos = System.nanoTime();
      long appended = appended();
      while (appended < count) {
        lastNewsNanos = checkedNews(appended > before, lastNewsNanos, appended, count);
        progress.update(appended, OptionalLong.of(count));
        before = appended;
        Thread.sleep(POLL.toMillis());
        appended = appended();
      }
    }
  }

  private long checkedNews(boolean isNew, long lastNewsNanos, long came, int wanted) {
    job.check();
    long now = System.nanoTime();
    if (!isNew && now - lastNewsNanos > STALL_LIMIT.toNanos()) {
      throw CliException.failure(
          "%d of %d completions came, then nothing for two minutes".formatted(came, wanted),
          "see the log");
    }
    return isNew ? now : lastNewsNanos;
  }

  /** Records at the ends of the partitions, marks of transactions included. */
  long appended() throws InterruptedException {
    String topic = connection.topic(RecordKind.COMPLETIONS);
    try {
      int partitions =
          stack
              .admin()
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .size();
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      for (int partition = 0; partition < partitions; partition++) {
        wanted.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      }
      return stack.admin().listOffsets(wanted).all().get().values().stream()
          .mapToLong(end -> end.offset())
          .sum();
    } catch (ExecutionException e) {
      throw CliException.failure(
          "the broker tells no offsets: " + e.getCause().getMessage(), "see its log", e);
    }
  }
}
