package ai.falaj.benchmarks.remote;

/**
 * One round of one client.
 *
 * @param round counted from 1; 0 warms up
 * @param client as {@link RemoteClient#name} has it
 * @param wallMs from the first request to the last answer
 * @param idealShare ideal time by measured time
 * @param mostAtServer requests that the server answered at once
 * @param threadsBefore threads of the client's JVM when the round began
 * @param peakThreads of that whole JVM during the round
 * @param firstTextP95Ms as the client saw it, from handing a request over
 */
public record RemoteRound(
    int round,
    String client,
    int requests,
    double wallMs,
    double tokensPerSecond,
    double idealShare,
    int mostAtServer,
    int threadsBefore,
    int peakThreads,
    double firstTextP95Ms) {

  static RemoteRound of(
      int round, RemoteClient client, RemoteLoad load, int mostAtServer, RemoteClient.Outcome end) {
    return new RemoteRound(
        round,
        client.name(),
        end.requests(),
        end.wallMs(),
        1_000.0 * end.requests() * load.tokens() / end.wallMs(),
        load.idealMs(end.requests()) / end.wallMs(),
        mostAtServer,
        end.threadsBefore(),
        end.peakThreads(),
        end.firstTextP95Ms());
  }
}
