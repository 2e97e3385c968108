package ai.falaj.benchmarks.remote;

/**
 * Counts the requests that the server is answering, and the most of them at once since somebody
 * last asked. Thread-safe.
 */
final class RequestMeter {

  private int answering;
  private int most;

  synchronized void began() {
    answering++;
    most = Math.max(most, answering);
  }

  synchronized void ended() {
    answering--;
  }

  /** The most at once since the last call. */
  synchronized int takeMost() {
    int taken = most;
    most = answering;
    return taken;
  }
}
