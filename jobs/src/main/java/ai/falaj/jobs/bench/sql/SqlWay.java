package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.BenchmarkException;
import java.util.List;

/** One of the ways to enrich records that are compared. Confined to one thread. */
interface SqlWay extends AutoCloseable {

  /**
   * What came of a batch.
   *
   * @param answers in the order of the records
   * @param wallMs from handing over the first record to the last answer
   */
  record Answers(List<String> answers, double wallMs) {}

  /** In reports. */
  String name();

  /**
   * @throws BenchmarkException if a record has no answer
   */
  Answers run(RecordBatch batch) throws BenchmarkException, InterruptedException;

  @Override
  void close();
}
