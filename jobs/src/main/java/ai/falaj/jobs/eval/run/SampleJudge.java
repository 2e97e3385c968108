package ai.falaj.jobs.eval.run;

import ai.falaj.schemas.Completion;
import java.util.OptionalInt;

/**
 * Which of several samples a judge chose, for the metric best of N by a judge. The seam for jobs
 * that choose: such a job says so in the completion's metadata.
 */
@FunctionalInterface
public interface SampleJudge {

  /** Metadata of a completion whose samples were judged: the index of the chosen one. */
  String METADATA = "falaj.judged-sample";

  /** Index of the chosen sample; empty where no judge chose. */
  OptionalInt choice(Completion completion);

  /** Reads {@link #METADATA}; what is no index of a sample counts as no choice. */
  static SampleJudge fromMetadata() {
    return completion -> {
      String written = completion.getMetadata().getOrDefault(METADATA, "");
      if (!written.matches("\\d{1,3}")) {
        return OptionalInt.empty();
      }
      int index = Integer.parseInt(written);
      int samples = Math.max(1, completion.getSamples().size());
      return index < samples ? OptionalInt.of(index) : OptionalInt.empty();
    };
  }
}
