package ai.falaj.operators.sql;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.table.data.RowData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The predictions of one subtask that are under way, and the one thread that owns them: it submits,
 * waits between attempts, reads answers. So neither the task thread nor the runtime's is kept. The
 * task thread calls {@link #predict}, {@link #refuse} and {@link #close}.
 */
final class Predictor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Predictor.class);
  private static final AtomicInteger THREADS = new AtomicInteger();

  private final ModelRuntime runtime;
  private final OutputColumns outputs;
  private final PredictSettings settings;
  private final PredictMetrics metrics;
  private final ScheduledThreadPoolExecutor thread;
  private final Set<Prediction> underWay = new HashSet<>();

  Predictor(
      ModelRuntime runtime,
      OutputColumns outputs,
      PredictSettings settings,
      PredictMetrics metrics) {
    this.runtime = runtime;
    this.outputs = outputs;
    this.settings = settings;
    this.metrics = metrics;
    String name = "falaj-sql-" + runtime.info().model() + "-" + THREADS.incrementAndGet();
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, name);
              made.setDaemon(true);
              return made;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Completes with the row's prediction, or as the error handling strategy has it. */
  CompletableFuture<Collection<RowData>> predict(GenerationRequest request) {
    CompletableFuture<Collection<RowData>> rows = new CompletableFuture<>();
    execute(() -> new Prediction(this, request, rows).start());
    return rows;
  }

  /** The same for a row that cannot be asked about. */
  CompletableFuture<Collection<RowData>> refuse(PredictionFailure failure) {
    CompletableFuture<Collection<RowData>> rows = new CompletableFuture<>();
    execute(() -> fail(rows, failure));
    return rows;
  }

  /** Cancels what is under way; its rows stay without an answer, as nobody waits for one. */
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    // Waited for, as shutting down drops what is only scheduled.
    CompletableFuture.runAsync(() -> Set.copyOf(underWay).forEach(Prediction::cancel), thread)
        .join();
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  ModelRuntime runtime() {
    return runtime;
  }

  OutputColumns outputs() {
    return outputs;
  }

  PredictSettings settings() {
    return settings;
  }

  PredictMetrics metrics() {
    return metrics;
  }

  void began(Prediction prediction) {
    underWay.add(prediction);
  }

  void ended(Prediction prediction) {
    underWay.remove(prediction);
  }

  void fail(CompletableFuture<Collection<RowData>> rows, PredictionFailure failure) {
    metrics.failed(failure.code());
    switch (settings.strategy()) {
      case NULL -> rows.complete(List.of(outputs.errorRow(failure)));
      case IGNORE -> {
        LOG.warn("A row is left out, as its prediction failed with {}", failure.code());
        rows.complete(List.of());
      }
      case FAILOVER -> rows.completeExceptionally(new PredictionException(failure));
    }
  }

  /** On the owning thread, soon. Any thread; does nothing after {@link #close()}. */
  void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.debug("The predictor is closed; nobody waits for this answer");
    }
  }

  /** On the owning thread, later. Owning thread. */
  ScheduledFuture<?> schedule(Runnable task, long delayMs) {
    return thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
  }
}
