package ai.falaj.benchmarks.simulation.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Requests in order of arrival. Immutable.
 *
 * @param name what a plot calls it
 */
public record Trace(String name, List<TraceRequest> requests) {

  private static final double NANOS_PER_SECOND = 1e9;

  public Trace {
    requests = List.copyOf(requests);
    if (requests.size() < 2) {
      throw new IllegalArgumentException(
          "trace %s has %d requests; a rate needs 2 or more".formatted(name, requests.size()));
    }
    for (int index = 1; index < requests.size(); index++) {
      if (requests.get(index).arrivalNanos() < requests.get(index - 1).arrivalNanos()) {
        throw new IllegalArgumentException(
            "trace %s: request %d arrives before the one in front of it"
                .formatted(name, requests.get(index).id()));
      }
    }
  }

  /** The earliest requests, at most as many. */
  public Trace first(int count) {
    return new Trace(name, requests.subList(0, Math.min(count, requests.size())));
  }

  /**
   * Cuts lengths so that each request fits into a slot: first the prompt, to leave at least a
   * quarter of the slot to the completion or what that needs, then the completion.
   */
  public Trace clippedTo(int contextTokens) {
    return map(
        request -> {
          int reserved = Math.min(request.newTokens(), Math.max(1, contextTokens / 4));
          int prompt = Math.min(request.promptTokens(), contextTokens - reserved);
          int newTokens = Math.min(request.newTokens(), contextTokens - prompt);
          return new TraceRequest(
              request.id(), request.arrivalNanos(), prompt, newTokens, request.tenant());
        });
  }

  /** Stretches or compresses time until that many requests arrive per second on average. */
  public Trace atRate(double requestsPerSecond) {
    if (!(requestsPerSecond > 0 && requestsPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a load is " + requestsPerSecond + " requests per second; it must be above 0");
    }
    long first = requests.get(0).arrivalNanos();
    long span = requests.get(requests.size() - 1).arrivalNanos() - first;
    if (span == 0) {
      throw new IllegalArgumentException("all requests of trace " + name + " arrive at once");
    }
    double factor = (requests.size() - 1) * NANOS_PER_SECOND / requestsPerSecond / span;
    return map(
        request ->
            new TraceRequest(
                request.id(),
                Math.round((request.arrivalNanos() - first) * factor),
                request.promptTokens(),
                request.newTokens(),
                request.tenant()));
  }

  /** All requests at the start: a backlog. */
  public Trace allAtOnce() {
    return map(
        request ->
            new TraceRequest(
                request.id(), 0, request.promptTokens(), request.newTokens(), request.tenant()));
  }

  public double meanPromptTokens() {
    return requests.stream().mapToInt(TraceRequest::promptTokens).average().orElseThrow();
  }

  public double meanNewTokens() {
    return requests.stream().mapToInt(TraceRequest::newTokens).average().orElseThrow();
  }

  Trace map(UnaryOperator<TraceRequest> change) {
    List<TraceRequest> changed = new ArrayList<>(requests.size());
    requests.forEach(request -> changed.add(change.apply(request)));
    return new Trace(name, changed);
  }
}
