package ai.falaj.jobs.cli;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.reasoning.ReasoningJob;
import ai.falaj.jobs.stack.LocalCompletionJob;
import ai.falaj.jobs.stack.LocalJob;
import ai.falaj.jobs.stack.LocalReasoningJob;
import java.util.Locale;

/** The job that a command runs or talks to, as {@code --job} names it. */
public enum JobKind {
  COMPLETION(CompletionJob.class) {
    @Override
    public LocalJob local() {
      return LocalCompletionJob.fromOptions();
    }
  },

  REASONING(ReasoningJob.class) {
    @Override
    public LocalJob local() {
      return LocalReasoningJob.fromOptions();
    }
  };

  private final Class<?> mainClass;

  JobKind(Class<?> mainClass) {
    this.mainClass = mainClass;
  }

  /** As a local stack runs it, with the models that its options name. */
  public abstract LocalJob local();

  /** Submits it. */
  public String mainClass() {
    return mainClass.getName();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
