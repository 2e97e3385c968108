package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.paced.Stamps;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.CompletionChunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads the chunks of stamped tokens while they come, and tells how old each token was when the
 * operator sent its chunk, when the broker appended it and when it was read here. The first two
 * times are known in whole milliseconds, cut off; they count as the millisecond's end, so that no
 * figure is better than the truth. Engine, job and reader share one clock, and the broker that of
 * the machine. Confined to one thread.
 */
final class ChunkLatency {

  private static final Duration POLL = Duration.ofMillis(20);
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long MICROS_PER_MS = 1_000;

  private final BenchStack stack;
  private final Connection connection;
  private final List<Long> sent = new ArrayList<>();
  private final List<Long> appended = new ArrayList<>();
  private final List<Long> read = new ArrayList<>();

  ChunkLatency(BenchStack stack, Connection connection) {
    this.stack = stack;
    this.connection = connection;
  }

  /** Reads for so long; counts what came after the warm-up. */
  void run(BenchJob job, int warmUpSeconds, int seconds, Console console) {
    long startMicros = Stamps.nowMicros() + warmUpSeconds * MICROS_PER_SECOND;
    long endMicros = startMicros + seconds * MICROS_PER_SECOND;
    try (ResultReader reader =
            ResultReader.open(
                connection, stack.registry(), EnumSet.of(RecordKind.CHUNKS), new StartPoint.End());
        ProgressBar progress = console.progress("measuring", ProgressBar.Unit.COUNT)) {
      long now = Stamps.nowMicros();
      while (now < endMicros) {
        List<ReadRecord> records = reader.poll(POLL);
        now = Stamps.nowMicros();
        for (ReadRecord record : records) {
          take(record, now, startMicros);
        }
        job.check();
        progress.update(read.size(), OptionalLong.empty());
      }
    }
    if (read.isEmpty()) {
      throw CliException.failure("no chunk came in " + seconds + " s", "see the log");
    }
  }

  private void take(ReadRecord record, long nowMicros, long startMicros) {
    CompletionChunk chunk =
        record
            .value(CompletionChunk.class)
            .orElseThrow(() -> new IllegalStateException("no chunk: " + record.key()));
    long sentMicros = (chunk.getEmittedAt().toEpochMilli() + 1) * MICROS_PER_MS;
    long appendedMicros = (record.timestamp().toEpochMilli() + 1) * MICROS_PER_MS;
    for (long stamp : Stamps.of(chunk.getText())) {
      if (stamp >= startMicros) {
        sent.add(sentMicros - stamp);
        appended.add(appendedMicros - stamp);
        read.add(nowMicros - stamp);
      }
    }
  }

  /** Microseconds until the operator made the chunk, of each token. */
  List<Long> sent() {
    return sent;
  }

  /** Microseconds until the broker appended it. */
  List<Long> appended() {
    return appended;
  }

  /** Microseconds until it was read. */
  List<Long> read() {
    return read;
  }
}
