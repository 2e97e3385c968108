package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.cli.JobKind;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What makes the results of a run comparable with each other: kept in the run's folder, so that
 * only the same run is resumed there.
 *
 * @param runId part of every request's id
 * @param startedAt when the first prompt may have been sent, ISO-8601
 * @param falajVersion that began the run
 * @param dataset name of the problem set
 * @param problemIds of all problems, in order
 * @param fingerprint of the problems
 * @param job that answers, as {@code --job} names it; null in runs of releases that knew one
 * @param promptStyle and its version
 * @param system prompt in place of the style's; null: the style's
 * @param sampling the parameters that were asked for, as JSON with the schema's names
 * @param samples per problem
 * @param requestModel that prompts name; null: the job's own
 * @param model that the local stack was started with; null where the job is another's
 * @param label name of the row in comparisons; null: the model's name
 */
public record RunSettings(
    String runId,
    String startedAt,
    String falajVersion,
    String dataset,
    List<String> problemIds,
    String fingerprint,
    String job,
    String promptStyle,
    String system,
    String sampling,
    int samples,
    String requestModel,
    String model,
    String label) {

  public RunSettings {
    problemIds = List.copyOf(problemIds);
  }

  /** What contradicts these settings in those that a run was begun with. */
  Optional<String> differenceFrom(RunSettings begun) {
    return Stream.of(
            difference("data set", begun.fingerprint, fingerprint),
            difference("job", jobOf(begun), jobOf(this)),
            difference("prompt style", begun.promptStyle, promptStyle),
            difference("system prompt", begun.system, system),
            difference("sampling", begun.sampling, sampling),
            difference("number of samples", begun.samples, samples),
            difference("model of the requests", begun.requestModel, requestModel),
            difference("model", begun.model, model))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static String jobOf(RunSettings settings) {
    return settings.job == null ? JobKind.COMPLETION.toString() : settings.job;
  }

  private static Optional<String> difference(String what, Object begun, Object now) {
    return Objects.equals(begun, now)
        ? Optional.empty()
        : Optional.of("another " + what + " (" + begun + ", now " + now + ")");
  }
}
