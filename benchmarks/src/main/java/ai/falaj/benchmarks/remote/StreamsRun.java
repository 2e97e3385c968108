package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Streams that each make one request after the other, the next one as soon as the last answer is
 * there. Started by its constructor; listeners run on the runtime's thread.
 */
final class StreamsRun {

  private static final Prompt PROMPT =
      new Prompt.Chat(
          List.of(
              new ChatMessage("system", RemoteLoad.SYSTEM_PROMPT),
              new ChatMessage("user", RemoteLoad.PROMPT)));

  private final ModelRuntime runtime;
  private final RemoteLoad load;
  private final CountDownLatch streamsLeft;
  private final AtomicLong tokens = new AtomicLong();
  private final List<Long> firstTokenMs = Collections.synchronizedList(new ArrayList<>());
  private final long startNanos = System.nanoTime();
  private volatile GenerationException failure;

  StreamsRun(ModelRuntime runtime, RemoteLoad load) throws BenchmarkException {
    this.runtime = runtime;
    this.load = load;
    this.streamsLeft = new CountDownLatch(load.streams());
    for (int stream = 0; stream < load.streams(); stream++) {
      submit(stream, load.requestsPerStream());
    }
    requireNoFailure();
  }

  /**
   * @return milliseconds since the start
   * @throws BenchmarkException if a request failed, or tokens are missing
   */
  double awaitEnd() throws InterruptedException, BenchmarkException {
    streamsLeft.await();
    double wallMs = (System.nanoTime() - startNanos) / 1e6;
    requireNoFailure();
    if (tokens.get() != load.totalTokens()) {
      throw new BenchmarkException(
          "%d tokens arrived and %d were sent".formatted(tokens.get(), load.totalTokens()));
    }
    return wallMs;
  }

  double firstTokenP95Ms() {
    List<Long> sorted = firstTokenMs.stream().sorted().toList();
    return sorted.get((int) (0.95 * (sorted.size() - 1)));
  }

  private void requireNoFailure() throws BenchmarkException {
    if (failure != null) {
      throw new BenchmarkException("a request failed: " + failure.getMessage(), failure);
    }
  }

  private void submit(int stream, int requests) {
    GenerationRequest request =
        GenerationRequest.builder("stream-" + stream, PROMPT)
            .sampling(SamplingParameters.builder().seed(1).maxTokens(load.tokens()).build())
            .build();
    try {
      runtime.submit(request, new Listener(stream, requests));
    } catch (GenerationException refused) {
      fail(refused);
    }
  }

  private void fail(GenerationException cause) {
    failure = cause;
    while (streamsLeft.getCount() > 0) {
      streamsLeft.countDown();
    }
  }

  private final class Listener implements GenerationListener {
    private final int stream;
    private final int requests;

    Listener(int stream, int requests) {
      this.stream = stream;
      this.requests = requests;
    }

    @Override
    public void onTokens(TokenDelta delta) {
      tokens.addAndGet(delta.tokens().size());
    }

    @Override
    public void onFinished(GenerationResult result) {
      firstTokenMs.add(result.timings().timeToFirstTokenMs());
      if (requests > 1) {
        submit(stream, requests - 1);
      } else {
        streamsLeft.countDown();
      }
    }

    @Override
    public void onFailed(GenerationException cause) {
      fail(cause);
    }
  }
}
