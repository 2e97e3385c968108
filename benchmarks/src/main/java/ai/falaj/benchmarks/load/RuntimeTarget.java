package ai.falaj.benchmarks.load;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Falaj's runtime through its public API: sampling, text, listeners and scheduling included. */
public final class RuntimeTarget implements LoadTarget {

  private final ModelRuntime runtime;

  private RuntimeTarget(ModelRuntime runtime) {
    this.runtime = runtime;
  }

  /** Loads the model; the target owns what was loaded. */
  public static RuntimeTarget open(RuntimeSpec spec) throws RuntimeLoadException {
    return new RuntimeTarget(spec.open());
  }

  public ModelRuntime runtime() {
    return runtime;
  }

  @Override
  public LoadRun run(Workload workload, int clients)
      throws BenchmarkException, InterruptedException {
    return new Run(workload).run(Math.min(clients, workload.size()));
  }

  @Override
  public void close() {
    runtime.close();
  }

  /** One run. Submissions come from the caller at first, then from the runtime's own thread. */
  private final class Run {
    private final Workload workload;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch open;
    private final Queue<RequestTimeline> timelines = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Run(Workload workload) {
      this.workload = workload;
      this.open = new CountDownLatch(workload.size());
    }

    LoadRun run(int clients) throws BenchmarkException, InterruptedException {
      for (int client = 0; client < clients; client++) {
        submitNext();
      }
      open.await();
      if (failure.get() != null) {
        throw new BenchmarkException(failure.get().getMessage(), failure.get());
      }
      return new LoadRun(timelines.stream().toList());
    }

    private void submitNext() {
      int index = next.getAndIncrement();
      if (index >= workload.size()) {
        return;
      }
      LoadRequest request = workload.requests().get(index);
      Recorder recorder = new Recorder(this, request);
      try {
        runtime.submit(generation(request), recorder);
      } catch (GenerationException e) {
        failed(e);
      }
    }

    private void finished(RequestTimeline timeline) {
      timelines.add(timeline);
      submitNext();
      open.countDown();
    }

    /** Ends the run: what was not submitted yet never will be. */
    private void failed(Exception cause) {
      failure.compareAndSet(null, cause);
      int last = next.getAndSet(workload.size());
      for (int index = Math.min(last, workload.size()); index < workload.size(); index++) {
        open.countDown();
      }
      open.countDown();
    }
  }

  private static GenerationRequest generation(LoadRequest request) {
    return GenerationRequest.builder(request.id(), new Prompt.Tokens(request.prompt()))
        .sampling(SamplingParameters.greedy(request.newTokens()))
        .ignoreEndOfSequence()
        .build();
  }

  /** Notes when the tokens of one request came. Called by the runtime's thread alone. */
  private static final class Recorder implements GenerationListener {
    private final Run run;
    private final LoadRequest request;
    private final long[] tokenNanos;
    private final long submittedNanos = System.nanoTime();
    private int count;

    Recorder(Run run, LoadRequest request) {
      this.run = run;
      this.request = request;
      this.tokenNanos = new long[request.newTokens()];
    }

    @Override
    public void onTokens(TokenDelta delta) {
      long now = System.nanoTime();
      for (int token = 0; token < delta.tokens().size() && count < tokenNanos.length; token++) {
        tokenNanos[count++] = now;
      }
    }

    @Override
    public void onFinished(GenerationResult result) {
      int tokens = result.usage().completionTokens();
      if (tokens != request.newTokens() || count != tokens) {
        run.failed(
            new BenchmarkException(
                "request %s was to generate %d tokens; it generated %d and told %d"
                    .formatted(request.id(), request.newTokens(), tokens, count)));
        return;
      }
      run.finished(
          new RequestTimeline(
              submittedNanos, Arrays.copyOf(tokenNanos, count), System.nanoTime(), tokens));
    }

    @Override
    public void onFailed(GenerationException failure) {
      run.failed(failure);
    }
  }
}
