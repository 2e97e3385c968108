package ai.falaj.jobs.chaos;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Follows completions and dead letters as they are committed, to tell how far the job is. The
 * ledger does not rest on it: it reads everything again. A thread of its own; {@link #answered()}
 * is for any thread.
 */
final class AnswerWatch implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private final ResultReader reader;
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final Thread thread = new Thread(this::run, "falaj-chaos-watch");
  private volatile boolean stopping;
  private volatile RuntimeException failure;

  AnswerWatch(Connection connection, SchemaRegistry registry) {
    reader =
        ResultReader.open(
            connection,
            registry,
            EnumSet.of(RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS),
            new StartPoint.Beginning());
    thread.start();
  }

  private void run() {
    try {
      while (!stopping) {
        for (ReadRecord record : reader.poll(POLL)) {
          record.requestId().ifPresent(answered::add);
        }
      }
    } catch (RuntimeException e) { // told to whoever asks next: a thread has no caller
      failure = e;
    }
  }

  /**
   * Requests that have a result.
   *
   * @throws RuntimeException that ended the reading
   */
  Set<String> answered() {
    if (failure != null) {
      throw failure;
    }
    return answered;
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reader.close();
  }
}
