package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.JobKind;
import ai.falaj.jobs.reasoning.ReasoningJobOptions;
import ai.falaj.operators.reasoning.ReasoningOptions;
import ai.falaj.schemas.SamplingParameters;
import java.util.Map;
import java.util.Optional;

/**
 * What each problem asks of the job that answers. The completion job samples as often as a request
 * says; the reasoning job makes candidates, of which a request may ask for fewer than the job is
 * configured for.
 *
 * @param sampling complete: what is not set is the job's to decide
 * @param samples per problem
 */
record Asking(JobKind job, SamplingParameters sampling, int samples) {

  private static final long DEFAULT_SEED = 1;

  /**
   * Fills in what the user left open: of the completion job one greedy sample, so that a run can be
   * repeated, or several drawn as K2 Think's are; of the reasoning job its own temperature.
   *
   * @param configured candidates that the user configured the reasoning job for
   * @throws CliException where more candidates are asked for than there can be
   */
  static Asking of(JobKind job, SamplingParameters given, Optional<Integer> configured) {
    SamplingParameters.Builder complete = SamplingParameters.newBuilder(given);
    if (given.getSeed() == null) {
      complete.setSeed(DEFAULT_SEED);
    }
    if (job == JobKind.REASONING) {
      return new Asking(
          job,
          complete.setN(null).build(),
          candidates(Optional.ofNullable(given.getN()), configured));
    }
    int samples = given.getN() == null ? 1 : given.getN();
    if (given.getTemperature() == null) {
      complete.setTemperature(samples == 1 ? 0.0 : 1.0);
    }
    return new Asking(job, complete.setN(samples).build(), samples);
  }

  private static int candidates(Optional<Integer> asked, Optional<Integer> configured) {
    int most = configured.orElse(ReasoningOptions.MAX_SAMPLES);
    int candidates = asked.or(() -> configured).orElse(ReasoningOptions.DEFAULT.samples());
    if (candidates > most) {
      throw CliException.usage(
          "-n is %d and the job makes at most %d candidates".formatted(candidates, most),
          "lower the first%s"
              .formatted(
                  configured.isPresent() ? ", or raise " + ReasoningJobOptions.SAMPLES.key() : ""));
    }
    return candidates;
  }

  /** Of each request, beside what names the problem. */
  Map<String, String> metadata() {
    return job == JobKind.REASONING
        ? Map.of(ReasoningOptions.SAMPLES_METADATA, String.valueOf(samples))
        : Map.of();
  }

  /** Options of the job without which it could not do what is asked. */
  Map<String, String> jobOptions() {
    return job == JobKind.REASONING
        ? Map.of(ReasoningJobOptions.SAMPLES.key(), String.valueOf(samples))
        : Map.of();
  }
}
