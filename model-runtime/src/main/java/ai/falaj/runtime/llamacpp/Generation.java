package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.GenerationResult.Timings;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way through the engine: its samples and its listener.
 *
 * <p>Created by the submitting thread, then confined to the decode thread. {@link #prepare} comes
 * before anything else; one of {@link #finish} and {@link #fail} ends it, once.
 */
final class Generation {

  private static final Logger LOG = LoggerFactory.getLogger(Generation.class);
  private static final long NANOS_PER_MS = 1_000_000;

  private final long id;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final long submittedNanos;

  private List<SampleRun> samples = List.of();
  private int promptTokens;
  private int maxTokens;
  private long seed;
  private int cachedTokens;
  private long startedNanos;
  private long firstTokenNanos;
  private boolean started;
  private boolean ended;
  private boolean listenerFailed;

  Generation(long id, GenerationRequest request, GenerationListener listener, long submittedNanos) {
    this.id = id;
    this.request = request;
    this.listener = listener;
    this.submittedNanos = submittedNanos;
  }

  long id() {
    return id;
  }

  GenerationRequest request() {
    return request;
  }

  /** Gives the generation what it needs to run. */
  void prepare(List<SampleRun> newSamples, int newPromptTokens, int newMaxTokens, long newSeed) {
    samples = newSamples;
    promptTokens = newPromptTokens;
    maxTokens = newMaxTokens;
    seed = newSeed;
  }

  List<SampleRun> samples() {
    return samples;
  }

  boolean isStarted() {
    return started;
  }

  /**
   * Its first sample was admitted, or needs no step. Tells what the samples were given.
   *
   * @param newCachedTokens of prompt and given tokens, which need no prefill
   */
  void start(int newCachedTokens, long nowNanos) {
    started = true;
    cachedTokens = Math.min(newCachedTokens, promptTokens);
    startedNanos = nowNanos;
    tell(listener::onStarted);
    samples.forEach(run -> run.retell(nowNanos));
  }

  /** Completion tokens that an interrupted generation had made. */
  int givenTokens() {
    return request.resumption().map(Resumption::tokens).orElse(0);
  }

  void deliver(TokenDelta delta, long nowNanos) {
    if (firstTokenNanos == 0) {
      firstTokenNanos = nowNanos;
    }
    tell(() -> listener.onTokens(delta));
  }

  boolean hasEnded() {
    return ended;
  }

  boolean allSamplesFinished() {
    return samples.stream().allMatch(SampleRun::isFinished);
  }

  /** Ends the generation with a result. All its samples are finished. */
  void finish(long nowNanos) {
    end();
    GenerationResult result = result(nowNanos);
    tell(() -> listener.onFinished(result));
  }

  /** Ends the generation without a result. */
  void fail(GenerationException failure) {
    end();
    tell(() -> listener.onFailed(failure));
  }

  private GenerationResult result(long nowNanos) {
    List<Sample> results = samples.stream().map(SampleRun::result).toList();
    Usage usage =
        new Usage(
            promptTokens,
            cachedTokens,
            results.stream().mapToInt(Sample::reasoningTokens).sum(),
            results.stream().mapToInt(Sample::completionTokens).sum());
    long totalMs = millisSinceSubmission(nowNanos);
    Timings timings =
        new Timings(
            startedNanos == 0 ? totalMs : millisSinceSubmission(startedNanos),
            firstTokenNanos == 0 ? totalMs : millisSinceSubmission(firstTokenNanos),
            totalMs);
    return new GenerationResult(results, usage, timings, seed, maxTokens);
  }

  private long millisSinceSubmission(long nanos) {
    return (nanos - submittedNanos) / NANOS_PER_MS;
  }

  private void end() {
    if (ended) {
      throw new IllegalStateException(
          "generation " + id + " of request " + request.requestId() + " ended twice");
    }
    ended = true;
    samples.forEach(SampleRun::close);
  }

  /**
   * A listener that throws is its own loss: other requests share the thread. Said once, not once
   * per token.
   */
  private void tell(Runnable call) {
    try {
      call.run();
    } catch (Exception | LinkageError | AssertionError e) {
      // A LinkageError comes from a listener whose job is gone, and its class loader with it.
      if (!listenerFailed) {
        listenerFailed = true;
        LOG.error("The listener of request {} failed; it misses tokens", request.requestId(), e);
      }
    }
  }
}
