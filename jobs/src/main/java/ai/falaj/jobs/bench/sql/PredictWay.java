package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.jobs.bench.predict.PredictOutcome;
import ai.falaj.jobs.bench.predict.PredictProcess;
import ai.falaj.jobs.bench.predict.PredictRun;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code ML_PREDICT} in a process of its own, whatever the model's provider. */
final class PredictWay implements SqlWay {

  private static final int PARALLELISM = 1;

  private final String name;
  private final PredictProcess process;
  private final Function<String, List<Map<String, String>>> models;
  private final int inFlight;

  /**
   * @param process which the way owns from now on
   * @param models options of the models for an instruction
   */
  PredictWay(
      String name,
      PredictProcess process,
      Function<String, List<Map<String, String>>> models,
      int inFlight) {
    this.name = name;
    this.process = process;
    this.models = models;
    this.inFlight = inFlight;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Answers run(RecordBatch batch) throws BenchmarkException {
    PredictOutcome outcome =
        process.run(
            new PredictRun(
                models.apply(batch.instruction()), batch.records(), inFlight, PARALLELISM));
    return new Answers(outcome.answers(), outcome.wallMs());
  }

  @Override
  public void close() {
    process.close();
  }
}
