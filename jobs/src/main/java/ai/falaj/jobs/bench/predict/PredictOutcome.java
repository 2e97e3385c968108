package ai.falaj.jobs.bench.predict;

import java.util.List;

/**
 * What came of a job. How long it took to plan and to deploy it is in none of the times.
 *
 * @param answers one per prompt, in the order of the prompts
 * @param wallMs from handing over the first row to {@code ML_PREDICT} until it gave the last answer
 * @param answerP95Ms from handing over a row until its answer
 * @param threadsBefore threads of the JVM with Flink up and no job
 * @param peakThreads of that JVM while the job ran
 */
public record PredictOutcome(
    List<String> answers, double wallMs, double answerP95Ms, int threadsBefore, int peakThreads) {

  public PredictOutcome {
    answers = List.copyOf(answers);
  }
}
