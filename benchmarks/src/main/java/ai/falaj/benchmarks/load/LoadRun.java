package ai.falaj.benchmarks.load;

import ai.falaj.benchmarks.Percentiles;
import java.util.Comparator;
import java.util.List;

/**
 * What came of a workload on one engine.
 *
 * @param requests in no particular order; at least one
 */
public record LoadRun(List<RequestTimeline> requests) {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  public LoadRun {
    requests = List.copyOf(requests);
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("a run has one request or more");
    }
  }

  /** Generated tokens of the whole run by its duration, prefill included. */
  public double tokensPerSecond() {
    return tokens() / seconds(firstSubmission(), lastEnd());
  }

  /** Requests by the run's duration. */
  public double requestsPerSecond() {
    return requests.size() / seconds(firstSubmission(), lastEnd());
  }

  public long tokens() {
    return requests.stream().mapToLong(RequestTimeline::tokens).sum();
  }

  /** From the first submission until the last of the requests has its first token. */
  public double secondsUntilAllHaveTheirFirstToken() {
    return seconds(firstSubmission(), lastToStart().firstTokenNanos());
  }

  /**
   * Tokens per second while all requests generate: after all have their first token, until the
   * first of them has its last.
   *
   * <p>Engines tell the tokens of a step one after the other, so a window that began and ended with
   * two different requests would hold a part of a step too much or too little. Both ends are
   * therefore taken from the request that started last: the window is a whole number of steps.
   *
   * @throws IllegalStateException if one request ended before another one started
   */
  public double decodeTokensPerSecond() {
    RequestTimeline clock = lastToStart();
    long from = clock.firstTokenNanos();
    long firstLastToken =
        requests.stream()
            .map(RequestTimeline::lastTokenNanos)
            .min(Comparator.comparingLong(nanos -> nanos - from))
            .orElseThrow();
    long to = clock.tokenNearest(firstLastToken);
    if (to - from <= 0) {
      throw new IllegalStateException(
          "a request ended before the last one started; give them more new tokens");
    }
    long tokens = requests.stream().mapToLong(request -> request.tokensBetween(from, to)).sum();
    return tokens / seconds(from, to);
  }

  /**
   * Time to first token, by nearest rank.
   *
   * @param percent above 0, at most 100
   */
  public double timeToFirstTokenMs(double percent) {
    Percentiles nanos =
        Percentiles.of(
            requests.stream()
                .map(request -> request.firstTokenNanos() - request.submittedNanos())
                .toList());
    return nanos.at(percent).orElseThrow() / NANOS_PER_MILLI;
  }

  private RequestTimeline lastToStart() {
    long origin = firstSubmission();
    return requests.stream()
        .max(Comparator.comparingLong(request -> request.firstTokenNanos() - origin))
        .orElseThrow();
  }

  private long firstSubmission() {
    long origin = requests.get(0).submittedNanos();
    return requests.stream()
        .map(RequestTimeline::submittedNanos)
        .min(Comparator.comparingLong(nanos -> nanos - origin))
        .orElseThrow();
  }

  private long lastEnd() {
    long origin = requests.get(0).submittedNanos();
    return requests.stream()
        .map(RequestTimeline::endedNanos)
        .max(Comparator.comparingLong(nanos -> nanos - origin))
        .orElseThrow();
  }

  private static double seconds(long fromNanos, long toNanos) {
    return (toNanos - fromNanos) / NANOS_PER_SECOND;
  }
}
