package ai.falaj.jobs.bench.sql;

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
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/** The engine alone, through the runtime's API: the same chats, no Flink around them. */
final class EngineWay implements SqlWay {

  static final String NAME = "engine alone";

  private static final double NANOS_PER_MILLI = 1e6;

  private final ModelRuntime runtime;
  private final SqlLoad load;

  /**
   * @param runtime which the way owns from now on
   */
  EngineWay(ModelRuntime runtime, SqlLoad load) {
    this.runtime = runtime;
    this.load = load;
  }

  ModelRuntime runtime() {
    return runtime;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answers run(RecordBatch batch) throws BenchmarkException, InterruptedException {
    return new Run(batch).run();
  }

  @Override
  public void close() {
    runtime.close();
  }

  /** One run. Submissions come from the caller at first, then from the runtime's own thread. */
  private final class Run {
    private final RecordBatch batch;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReferenceArray<String> answers;
    private final CountDownLatch open;
    private final AtomicReference<GenerationException> failure = new AtomicReference<>();

    Run(RecordBatch batch) {
      this.batch = batch;
      this.answers = new AtomicReferenceArray<>(batch.records().size());
      this.open = new CountDownLatch(batch.records().size());
    }

    Answers run() throws BenchmarkException, InterruptedException {
      long startNanos = System.nanoTime();
      for (int index = 0; index < load.inFlight(); index++) {
        submitNext();
      }
      open.await();
      double wallMs = (System.nanoTime() - startNanos) / NANOS_PER_MILLI;
      if (failure.get() != null) {
        throw new BenchmarkException(failure.get().getMessage(), failure.get());
      }
      List<String> all = IntStream.range(0, answers.length()).mapToObj(answers::get).toList();
      return new Answers(all, wallMs);
    }

    private void submitNext() {
      int index = next.getAndIncrement();
      if (index >= batch.records().size()) {
        return;
      }
      Prompt prompt =
          new Prompt.Chat(
              List.of(
                  new ChatMessage("system", batch.instruction()),
                  new ChatMessage("user", batch.records().get(index))));
      try {
        runtime.submit(
            GenerationRequest.of(
                "record-" + index, prompt, SamplingParameters.greedy(load.newTokens())),
            new Listener(index));
      } catch (GenerationException refused) {
        fail(refused);
      }
    }

    private void fail(GenerationException cause) {
      failure.compareAndSet(null, cause);
      next.set(batch.records().size());
      while (open.getCount() > 0) {
        open.countDown();
      }
    }

    /** Called by the runtime's thread alone. */
    private final class Listener implements GenerationListener {
      private final int index;

      Listener(int index) {
        this.index = index;
      }

      @Override
      public void onTokens(TokenDelta delta) {}

      @Override
      public void onFinished(GenerationResult result) {
        answers.set(index, result.answer());
        submitNext();
        open.countDown();
      }

      @Override
      public void onFailed(GenerationException cause) {
        fail(cause);
      }
    }
  }
}
