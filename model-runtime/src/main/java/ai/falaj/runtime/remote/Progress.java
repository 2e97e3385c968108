package ai.falaj.runtime.remote;

import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Timings;
import ai.falaj.runtime.GenerationResult.Usage;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * When what happened to a request, and what servers counted of it. Confined to the runtime's
 * thread.
 */
final class Progress {

  private final long submittedNanos = System.nanoTime();
  private long startedNanos;
  private long firstTokenNanos;
  private boolean started;
  private boolean hasFirstToken;
  private Usage reported = new Usage(0, 0, 0, 0);

  void start() {
    started = true;
    startedNanos = System.nanoTime();
  }

  /** A token was told; the first one counts. */
  void tokenTold() {
    if (!hasFirstToken) {
      hasFirstToken = true;
      firstTokenNanos = System.nanoTime();
    }
  }

  boolean hasFirstToken() {
    return hasFirstToken;
  }

  /** Adds what a stream counted; the prompt counts once, however many streams had it. */
  void add(Usage usage) {
    reported =
        new Usage(
            Math.max(reported.promptTokens(), usage.promptTokens()),
            Math.max(reported.cachedTokens(), usage.cachedTokens()),
            reported.reasoningTokens() + usage.reasoningTokens(),
            reported.completionTokens() + usage.completionTokens());
  }

  /** Of a request that has ended. */
  GenerationResult result(List<RemoteSample> samples, long seed, int maxTokens) {
    int told = samples.stream().mapToInt(RemoteSample::tokens).sum();
    int reasoned = samples.stream().mapToInt(RemoteSample::reasoningTokens).sum();
    long totalMs = msUntil(System.nanoTime());
    return new GenerationResult(
        samples.stream().map(RemoteSample::result).toList(),
        new Usage(
            reported.promptTokens(),
            reported.cachedTokens(),
            Math.max(reasoned, reported.reasoningTokens()),
            Math.max(told, reported.completionTokens())),
        new Timings(
            started ? msUntil(startedNanos) : totalMs,
            hasFirstToken ? msUntil(firstTokenNanos) : totalMs,
            totalMs),
        seed,
        maxTokens);
  }

  private long msUntil(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - submittedNanos);
  }
}
