package ai.falaj.benchmarks.load;

import java.util.List;

/**
 * What the engines of a comparison are given, in this order.
 *
 * @param requests at least one
 */
public record Workload(List<LoadRequest> requests) {

  public Workload {
    requests = List.copyOf(requests);
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("a workload has one request or more");
    }
  }

  public int size() {
    return requests.size();
  }

  /** The first requests, all where there are no more. */
  public Workload first(int count) {
    return count >= requests.size() ? this : new Workload(requests.subList(0, count));
  }

  /** The same prompts, each with so many new tokens. */
  public Workload withNewTokens(int newTokens) {
    return new Workload(
        requests.stream()
            .map(request -> new LoadRequest(request.id(), request.prompt(), newTokens))
            .toList());
  }

  /** Tokens that all generations write together. */
  public long newTokens() {
    return requests.stream().mapToLong(LoadRequest::newTokens).sum();
  }

  /** Tokens of all prompts together. */
  public long promptTokens() {
    return requests.stream().mapToLong(request -> request.prompt().size()).sum();
  }

  /** KV entries that the longest of the requests needs. */
  public int longestContext() {
    return requests.stream()
        .mapToInt(request -> request.prompt().size() + request.newTokens())
        .max()
        .orElseThrow();
  }
}
