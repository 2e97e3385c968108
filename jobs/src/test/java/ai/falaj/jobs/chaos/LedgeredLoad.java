package ai.falaj.jobs.chaos;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The load and the ledger of {@code falaj chaos} for tests that bring a cluster of their own: what
 * is sent, what came of it, and whether every prompt ended once. Used by one thread.
 */
public final class LedgeredLoad implements AutoCloseable {

  /** Two checkpoints: what a late transaction would publish twice is there by then. */
  private static final Duration SETTLE = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final long TICK_MS = 200;

  private final Connection connection;
  private final SchemaRegistry registry;
  private final PromptLoad load;
  private final AnswerWatch answers;

  private LedgeredLoad(Connection connection, long seed, double promptsPerSecond) {
    this.connection = connection;
    registry = new ConfluentSchemaRegistry(connection.registry());
    load = new PromptLoad(connection, registry, new PromptMaker(seed, true), promptsPerSecond);
    answers = new AnswerWatch(connection, registry);
    load.start();
  }

  /** The model that the job must have: it takes seconds for an answer that is known beforehand. */
  public static RuntimeSpec model() {
    return ScriptedAnswers.spec();
  }

  /** Begins to send. The topics exist. */
  public static LedgeredLoad start(Connection connection, long seed, double promptsPerSecond) {
    return new LedgeredLoad(connection, seed, promptsPerSecond);
  }

  /**
   * What came of the load.
   *
   * @param ledger in words, for the message of an assertion
   * @param right every prompt ended once, as it should, and readers of chunks saw the same
   * @param continued generations that went on from tokens which an earlier attempt had sent
   */
  public record Outcome(
      String ledger,
      boolean right,
      int sent,
      int ended,
      int lost,
      int duplicated,
      long tokensGenerated,
      long tokensRepeated,
      int continued) {}

  /** Prompts that have a result by now. */
  public int answered() {
    return answers.answered().size();
  }

  /** Returns when so many prompts have a result, or the time is up. */
  public void awaitAnswered(int count, Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (answered() < count) {
      load.throwIfFailed();
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new AssertionError(
            answered() + " prompts have a result after " + limit + ", not " + count);
      }
      Thread.sleep(TICK_MS);
    }
  }

  /** Sends no more, waits until all that was sent has a result or the time is up, and reads all. */
  public Outcome finish(Duration limit) throws InterruptedException {
    load.finish();
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    Set<String> sent = load.acknowledged();
    while (!answers.answered().containsAll(sent) && System.nanoTime() - deadlineNanos < 0) {
      Thread.sleep(TICK_MS);
    }
    Thread.sleep(SETTLE.toMillis());
    Ledger ledger = new Ledger();
    load.sent().forEach(ledger::expect);
    sent.forEach(ledger::acknowledged);
    LedgerReading.readInto(ledger, connection, registry);
    LedgerBalance balance = ledger.balance();
    return new Outcome(
        balance.toString(),
        balance.isRight(),
        balance.sent(),
        balance.completed() + balance.deadLettered(),
        balance.lost().size(),
        balance.duplicated().size(),
        balance.tokensGenerated(),
        balance.tokensRepeated(),
        continued());
  }

  private int continued() {
    Set<String> requests = new HashSet<>();
    try (ResultReader reader =
        ResultReader.open(
            connection, registry, EnumSet.of(RecordKind.CHUNKS), new StartPoint.Beginning())) {
      Map<TopicPartition, Long> ends = reader.ends();
      while (!reader.hasReached(ends)) {
        for (ReadRecord record : reader.poll(POLL)) {
          record
              .value(CompletionChunk.class)
              .filter(LedgeredLoad::goesOn)
              .ifPresent(chunk -> requests.add(chunk.getRequestId()));
        }
      }
    }
    return requests.size();
  }

  private static boolean goesOn(CompletionChunk chunk) {
    return chunk.getSequence() == 0 && chunk.getTokenOffset() > 0;
  }

  @Override
  public void close() {
    load.close();
    answers.close();
    registry.close();
  }
}
