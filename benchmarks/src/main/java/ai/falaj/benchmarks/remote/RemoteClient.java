package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.RuntimeLoadException;

/** One of the clients that are compared before the paced server. Confined to one thread. */
public interface RemoteClient extends AutoCloseable {

  /** Makes a client when the server that it is to use is there. */
  @FunctionalInterface
  interface Factory {

    /**
     * @param baseUrl of the server, such as {@code http://127.0.0.1:4711/v1}
     */
    RemoteClient connect(String baseUrl, RemoteLoad load)
        throws BenchmarkException, RuntimeLoadException, InterruptedException;
  }

  /**
   * What a round looked like to the client.
   *
   * @param requests that were answered
   * @param wallMs from the first request to the last answer
   * @param threadsBefore threads of the client's JVM when the round began
   * @param peakThreads of that JVM during the round
   * @param firstTextP95Ms from handing a request over to its first text
   */
  record Outcome(
      int requests, double wallMs, int threadsBefore, int peakThreads, double firstTextP95Ms) {}

  /** In reports. */
  String name();

  /** Whether it is Falaj, which is compared, or what it is compared with. */
  boolean isFalaj();

  /**
   * Runs a round: returns when every request has its whole answer.
   *
   * @throws BenchmarkException if a request failed, or an answer is not what the server sent
   */
  Outcome run() throws BenchmarkException, InterruptedException;

  /** A round that does not count; it may be a shorter one. */
  default Outcome warmUp() throws BenchmarkException, InterruptedException {
    return run();
  }

  @Override
  void close();
}
