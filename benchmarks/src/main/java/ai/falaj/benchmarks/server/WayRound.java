package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.load.LoadRun;

/**
 * What one engine did in one round.
 *
 * @param round counted from 1
 * @param tokensPerSecond generated tokens by the whole time, prefill included
 */
public record WayRound(
    int round,
    String way,
    int requests,
    double tokensPerSecond,
    double requestsPerSecond,
    double timeToFirstTokenP50Ms,
    double timeToFirstTokenP95Ms) {

  private static final double MEDIAN = 50;
  private static final double TAIL = 95;

  static WayRound of(int round, String way, LoadRun run) {
    return new WayRound(
        round,
        way,
        run.requests().size(),
        run.tokensPerSecond(),
        run.requestsPerSecond(),
        run.timeToFirstTokenMs(MEDIAN),
        run.timeToFirstTokenMs(TAIL));
  }
}
