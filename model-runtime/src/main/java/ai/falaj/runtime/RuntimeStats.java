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
 * @param requestsFinished counter: ended with a result, whatever the reason
 * @param requestsFailed counter: ended without a result
 * @param steps counter: calls of the engine
 * @param stepSequences counter: sequences of all steps; divided by {@code steps} it is the mean
 *     batch size
 * @param stepTimeNanos counter: time spent in steps
 */
public record RuntimeStats(
    int requestsWaiting,
    int requestsRunning,
    double kvCacheUsage,
    long promptTokens,
    long generationTokens,
    long prefixCacheHitTokens,
    long requestsFinished,
    long requestsFailed,
    long steps,
    long stepSequences,
    long stepTimeNanos) {}
