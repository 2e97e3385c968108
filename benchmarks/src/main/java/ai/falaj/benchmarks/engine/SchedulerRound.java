package ai.falaj.benchmarks.engine;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One round through the runtime's public API: all requests are submitted at once, the last end
 * counts.
 */
final class SchedulerRound {

  private final ModelRuntime runtime;
  private final EngineLoad load;

  SchedulerRound(ModelRuntime runtime, EngineLoad load) {
    this.runtime = runtime;
    this.load = load;
  }

  /**
   * Runs one round and returns the tokens that every sequence generated.
   *
   * @throws GenerationException if any request failed
   */
  int[][] run(int[][] prompts) throws GenerationException, InterruptedException {
    int[][] generated = new int[load.sequences()][load.newTokens()];
    CountDownLatch open = new CountDownLatch(load.sequences());
    AtomicReference<GenerationException> failure = new AtomicReference<>();
    for (int sequence = 0; sequence < load.sequences(); sequence++) {
      GenerationRequest request =
          GenerationRequest.builder(
                  "bench-" + sequence,
                  new Prompt.Tokens(Arrays.stream(prompts[sequence]).boxed().toList()))
              .sampling(SamplingParameters.greedy(load.newTokens()))
              .ignoreEndOfSequence()
              .build();
      runtime.submit(request, new Collector(generated[sequence], open, failure));
    }
    open.await();
    if (failure.get() != null) {
      throw failure.get();
    }
    return generated;
  }

  private static final class Collector implements GenerationListener {
    private final int[] tokens;
    private final CountDownLatch open;
    private final AtomicReference<GenerationException> firstFailure;
    private int count;

    Collector(
        int[] tokens, CountDownLatch open, AtomicReference<GenerationException> firstFailure) {
      this.tokens = tokens;
      this.open = open;
      this.firstFailure = firstFailure;
    }

    @Override
    public void onTokens(TokenDelta delta) {
      for (int token : delta.tokens()) {
        tokens[count++] = token;
      }
    }

    @Override
    public void onFinished(GenerationResult result) {
      open.countDown();
    }

    @Override
    public void onFailed(GenerationException failure) {
      firstFailure.compareAndSet(null, failure);
      open.countDown();
    }
  }
}
