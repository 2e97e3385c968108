package ai.falaj.runtime;

/**
 * Counters since the runtime was loaded, and gauges of its last step. Names follow vLLM's metrics.
 *
 * @param requestsWaiting gauge: queued, not yet started
 * @param requestsRunning gauge: prefilling or decoding
 * @param kvCacheUsage gauge: used fraction of all KV entries, 0 to 1
 * @param promptTokens counter: prompt tokens that were prefilled
 * @param generationTokens counter
 * @param prefixCacheHitTokens counter: prompt tokens that needed no prefill
 * @param prefixCacheQueryTokens counter: prompt tokens that were looked up; hits divided by it is
 *     the hit rate
 * @param requestsFinished counter: ended with a result, whatever the reason
 * @param requestsFailed counter: ended without a result
 * @param steps counter: calls of the engine
 * @param stepSequences counter: sequences of all steps; divided by {@code steps} it is the mean
 *     batch size
 * @param stepTimeNanos counter: time spent in steps
 * @param preemptions counter: sequences that gave up their KV entries and started over from their
 *     tokens
 * @param draftTokens counter: tokens that speculation proposed
 * @param acceptedDraftTokens counter: those that the model would have chosen too
 * @param resumedTokens counter: completion tokens that requests brought along from an interrupted
 *     generation; {@code generationTokens} holds none of them
 */
public record RuntimeStats(
    int requestsWaiting,
    int requestsRunning,
    double kvCacheUsage,
    long promptTokens,
    long generationTokens,
    long prefixCacheHitTokens,
    long prefixCacheQueryTokens,
    long requestsFinished,
    long requestsFailed,
    long steps,
    long stepSequences,
    long stepTimeNanos,
    long preemptions,
    long draftTokens,
    long acceptedDraftTokens,
    long resumedTokens) {

  /** Nothing happened yet. */
  public static final RuntimeStats NONE =
      new RuntimeStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Requests that wait, and nothing else. */
  public static RuntimeStats ofWaiting(int requests) {
    return new RuntimeStats(requests, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Of two runtimes that serve as one: sums, but of the KV usages the higher. */
  public RuntimeStats plus(RuntimeStats other) {
    return new RuntimeStats(
        requestsWaiting + other.requestsWaiting,
        requestsRunning + other.requestsRunning,
        Math.max(kvCacheUsage, other.kvCacheUsage),
        promptTokens + other.promptTokens,
        generationTokens + other.generationTokens,
        prefixCacheHitTokens + other.prefixCacheHitTokens,
        prefixCacheQueryTokens + other.prefixCacheQueryTokens,
        requestsFinished + other.requestsFinished,
        requestsFailed + other.requestsFailed,
        steps + other.steps,
        stepSequences + other.stepSequences,
        stepTimeNanos + other.stepTimeNanos,
        preemptions + other.preemptions,
        draftTokens + other.draftTokens,
        acceptedDraftTokens + other.acceptedDraftTokens,
        resumedTokens + other.resumedTokens);
  }

  /** The counters without the gauges: what a runtime leaves behind when it is closed. */
  public RuntimeStats counters() {
    return new RuntimeStats(
        0,
        0,
        0,
        promptTokens,
        generationTokens,
        prefixCacheHitTokens,
        prefixCacheQueryTokens,
        requestsFinished,
        requestsFailed,
        steps,
        stepSequences,
        stepTimeNanos,
        preemptions,
        draftTokens,
        acceptedDraftTokens,
        resumedTokens);
  }
}
