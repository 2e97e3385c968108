package ai.falaj.jobs.bench.predict;

import java.util.List;
import java.util.Map;

/**
 * One job.
 *
 * @param models options of one {@code CREATE MODEL} each, {@code provider} among them; rows are
 *     dealt out to them in turn
 * @param prompts one row each
 * @param inFlight rows that may wait for the model, of all models and subtasks together
 */
public record PredictRun(
    List<Map<String, String>> models, List<String> prompts, int inFlight, int parallelism) {

  /**
   * @throws IllegalArgumentException naming what is out of its range
   */
  public PredictRun {
    models = List.copyOf(models);
    prompts = List.copyOf(prompts);
    if (models.isEmpty() || prompts.isEmpty() || inFlight < 1 || parallelism < 1) {
      throw new IllegalArgumentException(
          "%d models, %d prompts, %d in flight and a parallelism of %d; they must be 1 or more"
              .formatted(models.size(), prompts.size(), inFlight, parallelism));
    }
  }

  /** Rows that may wait in one subtask of one of the models. */
  int inFlightPerSubtask() {
    int subtasks = models.size() * parallelism;
    return (inFlight + subtasks - 1) / subtasks;
  }
}
