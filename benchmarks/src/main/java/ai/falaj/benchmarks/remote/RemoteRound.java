package ai.falaj.benchmarks.remote;

/**
 * One round.
 *
 * @param wallMs from the first request to the last answer
 * @param idealShare ideal time by measured time
 * @param peakThreads of the client's whole JVM
 * @param firstTokenP95Ms as the client saw it
 */
public record RemoteRound(
    int round,
    double wallMs,
    double tokensPerSecond,
    double idealShare,
    int peakThreads,
    double firstTokenP95Ms) {}
