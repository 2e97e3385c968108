package ai.falaj.benchmarks.load;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Runs one request at a time and tells when its tokens came. */
public final class Generations {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private Generations() {}

  /**
   * One request that ended.
   *
   * @param allSamplesStartedMs from submission until every sample had its first token
   * @param stepsToFirstToken steps of the engine from submission to the first token: the one that
   *     was under way and the one of the token included
   * @param decodeSeconds from the first token to the last
   * @param tokens of all samples, in the order in which they were told
   */
  public record Timed(
      double allSamplesStartedMs,
      double firstTokenMs,
      long stepsToFirstToken,
      double decodeSeconds,
      List<Integer> tokens) {}

  /**
   * Submits a request and waits for its end.
   *
   * @throws BenchmarkException if it failed, or a sample had no token
   */
  public static Timed run(ModelRuntime runtime, GenerationRequest request)
      throws BenchmarkException, InterruptedException {
    Recorder recorder = new Recorder(runtime, request.samples());
    try {
      runtime.submit(request, recorder);
      return recorder.ended.get();
    } catch (GenerationException e) {
      throw new BenchmarkException(e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new BenchmarkException(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Called by the runtime's thread alone. */
  private static final class Recorder implements GenerationListener {
    private final CompletableFuture<Timed> ended = new CompletableFuture<>();
    private final ModelRuntime runtime;
    private final int samples;
    private final long stepsBefore;
    private final long submittedNanos = System.nanoTime();
    private final Set<Integer> startedSamples = new HashSet<>();
    private final List<Integer> tokens = new ArrayList<>();
    private long stepsAtFirstToken;
    private long firstTokenNanos;
    private long allStartedNanos;
    private long lastTokenNanos;

    Recorder(ModelRuntime runtime, int samples) {
      this.runtime = runtime;
      this.samples = samples;
      this.stepsBefore = runtime.stats().steps();
    }

    @Override
    public void onTokens(TokenDelta delta) {
      if (delta.tokens().isEmpty()) {
        return;
      }
      long now = System.nanoTime();
      if (tokens.isEmpty()) {
        firstTokenNanos = now;
        // Published after each step: the one of this token is not in it yet.
        stepsAtFirstToken = runtime.stats().steps();
      }
      if (startedSamples.add(delta.sample()) && startedSamples.size() == samples) {
        allStartedNanos = now;
      }
      tokens.addAll(delta.tokens());
      lastTokenNanos = now;
    }

    @Override
    public void onFinished(GenerationResult result) {
      if (startedSamples.size() < samples) {
        ended.completeExceptionally(
            new BenchmarkException(
                "%d of %d samples had a token".formatted(startedSamples.size(), samples)));
        return;
      }
      ended.complete(
          new Timed(
              (allStartedNanos - submittedNanos) / NANOS_PER_MILLI,
              (firstTokenNanos - submittedNanos) / NANOS_PER_MILLI,
              stepsAtFirstToken - stepsBefore + 1,
              (lastTokenNanos - firstTokenNanos) / NANOS_PER_SECOND,
              List.copyOf(tokens)));
    }

    @Override
    public void onFailed(GenerationException failure) {
      ended.completeExceptionally(failure);
    }
  }
}
