package ai.falaj.benchmarks.simulation.trace;

/**
 * One request of a load.
 *
 * @param id its place in the trace
 * @param arrivalNanos since the start of the load
 * @param newTokens that it generates before it ends; the scheduler does not know this number
 * @param tenant on whose account it runs; empty for none
 */
public record TraceRequest(
    long id, long arrivalNanos, int promptTokens, int newTokens, String tenant) {

  public TraceRequest {
    if (arrivalNanos < 0 || promptTokens < 1 || newTokens < 1) {
      throw new IllegalArgumentException(
          "request %d arrives at %d ns with %d prompt and %d new tokens; it has 1 or more of both, after the start"
              .formatted(id, arrivalNanos, promptTokens, newTokens));
    }
  }

  public int totalTokens() {
    return promptTokens + newTokens;
  }
}
