package ai.falaj.jobs.cli;

import ai.falaj.jobs.analytics.AnalyticsJob;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.reasoning.ReasoningJob;

/** The jobs in the job jar, as {@code falaj submit --job} names them. */
enum SubmittableJob {
  COMPLETION(CompletionJob.class),
  REASONING(ReasoningJob.class),
  ANALYTICS(AnalyticsJob.class);

  private final Class<?> mainClass;

  SubmittableJob(Class<?> mainClass) {
    this.mainClass = mainClass;
  }

  /** Submits it. */
  String mainClass() {
    return mainClass.getName();
  }
}
