package ai.falaj.benchmarks.load;

import ai.falaj.benchmarks.BenchmarkException;

/** An engine under load. Confined to one thread. */
public interface LoadTarget extends AutoCloseable {

  /**
   * Runs a workload: so many clients, each of which submits the next request when its last one has
   * ended, until none is left. Returns when all have ended.
   *
   * @throws BenchmarkException if a request failed, or had another number of tokens than was asked
   *     for
   */
  LoadRun run(Workload workload, int clients) throws BenchmarkException, InterruptedException;

  @Override
  void close();
}
