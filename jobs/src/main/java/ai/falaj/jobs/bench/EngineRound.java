package ai.falaj.jobs.bench;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One round of the load through the runtime's API alone: no Kafka, no Flink. Confined to one
 * thread.
 */
final class EngineRound {

  private static final double NANOS_PER_SECOND = 1e9;

  private final ModelRuntime runtime;
  private final PipelineLoad load;

  EngineRound(ModelRuntime runtime, PipelineLoad load) {
    this.runtime = runtime;
    this.load = load;
  }

  /**
   * Returns generated tokens per second.
   *
   * @throws GenerationException if any request failed
   */
  double run() throws GenerationException, InterruptedException {
    CountDownLatch open = new CountDownLatch(load.requests());
    AtomicLong tokens = new AtomicLong();
    AtomicReference<GenerationException> firstFailure = new AtomicReference<>();
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public void onTokens(TokenDelta delta) {}

          @Override
          public void onFinished(GenerationResult result) {
            tokens.addAndGet(result.usage().completionTokens());
            open.countDown();
          }

          @Override
          public void onFailed(GenerationException failure) {
            firstFailure.compareAndSet(null, failure);
            open.countDown();
          }
        };
    long startNanos = System.nanoTime();
    for (int index = 0; index < load.requests(); index++) {
      Prompt prompt = new Prompt.Chat(load.messages(index));
      runtime.submit(
          GenerationRequest.of(
              "bench-" + index, prompt, SamplingParameters.greedy(load.newTokens())),
          listener);
    }
    open.await();
    if (firstFailure.get() != null) {
      throw firstFailure.get();
    }
    return tokens.get() * NANOS_PER_SECOND / (System.nanoTime() - startNanos);
  }
}
