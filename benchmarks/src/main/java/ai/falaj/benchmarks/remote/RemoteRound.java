package ai.falaj.benchmarks.remote;

/**
 * One round of one client.
 *
 * @param round counted from 1; 0 warms up
 * @param client as {@link RemoteClient#name} has it
 * @param wallMs from the first request to the last answer
 * @param idealShare of {@link RemoteLoad#idealTokensPerSecond}
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
    double tokensPerSecond = 1_000.0 * end.requests() * load.tokens() / end.wallMs();
    return new RemoteRound(
        round,
        client.name(),
        end.requests(),
        end.wallMs(),
        tokensPerSecond,
        tokensPerSecond / load.idealTokensPerSecond(),
        mostAtServer,
        end.threadsBefore(),
        end.peakThreads(),
        end.firstTextP95Ms());
  }
}
