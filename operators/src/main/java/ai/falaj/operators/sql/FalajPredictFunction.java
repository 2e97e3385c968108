package ai.falaj.operators.sql;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;

/**
 * {@code ML_PREDICT} in a subtask. Opening waits for the model that all subtasks of the TaskManager
 * share; after that the task thread only renders prompts. Closing cancels what is under way. How
 * much is under way at once is Flink's to bound: {@code
 * table.exec.async-ml-predict.max-concurrent-operations}.
 */
public final class FalajPredictFunction extends AsyncPredictFunction {

  private static final long serialVersionUID = 1L;

  private final RuntimeSpec spec;
  private final Configuration options;
  private final PromptColumns prompts;
  private final OutputColumns outputs;
  private final PredictSettings settings;

  private transient RuntimeLease lease;
  private transient ModelRequests requests;
  private transient Predictor predictor;
  private transient String requestIdPrefix;
  private transient long nextRequest;

  FalajPredictFunction(
      RuntimeSpec spec,
      Configuration options,
      PromptColumns prompts,
      OutputColumns outputs,
      PredictSettings settings) {
    this.spec = spec;
    this.options = options;
    this.prompts = prompts;
    this.outputs = outputs;
    this.settings = settings;
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    open(context.getMetricGroup());
  }

  void open(MetricGroup metrics) throws Exception {
    lease = SharedRuntimes.ofThisJvm().acquire(spec);
    requests = new ModelRequests(options, outputs.schema().format());
    predictor = new Predictor(lease.runtime(), outputs, settings, new PredictMetrics(metrics));
    requestIdPrefix = "sql-" + UUID.randomUUID() + "-";
  }

  /** As Flink's own, but for the input row, which would stand in the message of a failure. */
  @Override
  public void eval(CompletableFuture<Collection<RowData>> future, Object... args) {
    asyncPredict(GenericRowData.of(args))
        .whenComplete(
            (rows, failure) -> {
              if (failure == null) {
                future.complete(rows);
              } else {
                future.completeExceptionally(failure);
              }
            });
  }

  @Override
  public CompletableFuture<Collection<RowData>> asyncPredict(RowData row) {
    Optional<String> prompt = prompts.prompt(row);
    if (prompt.isEmpty()) {
      return predictor.refuse(
          new PredictionFailure(PredictionFailure.EMPTY_PROMPT, "the prompt is NULL"));
    }
    GenerationRequest request;
    try {
      request = requests.of(requestIdPrefix + nextRequest++, prompt.get(), prompts.rowOptions(row));
    } catch (IllegalArgumentException e) {
      return predictor.refuse(
          new PredictionFailure(PredictionFailure.INVALID_PARAMETER, e.getMessage()));
    }
    return predictor.predict(request);
  }

  /**
   * Where Falaj lies in a job's jar, its runtimes cannot linger: Flink closes the class loader that
   * they would need to be closed with.
   */
  @Override
  public void close() {
    if (predictor != null) {
      predictor.close();
    }
    if (lease != null) {
      boolean inFlinksLib =
          SharedRuntimes.class.getClassLoader() == AsyncPredictFunction.class.getClassLoader();
      if (inFlinksLib) {
        lease.close();
      } else {
        lease.discard();
      }
    }
  }
}
