package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.data.ProblemSet;
import ai.falaj.jobs.eval.data.ProblemSetReader;
import ai.falaj.jobs.eval.grading.AnswerKind;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which problems. */
final class ProblemOptions {

  @Parameters(
      arity = "0..1",
      paramLabel = "DATASET",
      description = "A file of JSON lines, or " + ProblemSetReader.BUNDLED + ", which comes along.")
  private String dataset;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "What its answers are: number (GSM8K), expression (MATH, AIME, HMMT) or choice"
              + " (default: what each line's fields say).")
  private AnswerKind kind;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N problems.")
  private Integer limit;

  @Option(
      names = "--shuffle",
      paramLabel = "SEED",
      description = "Shuffle the problems with this seed before --limit takes the first.")
  private Long shuffle;

  /**
   * Reads and checks the data set.
   *
   * @throws CliException naming what is wrong with it
   */
  ProblemSet read() throws IOException {
    if (dataset == null) {
      throw CliException.usage(
          "no data set is named", "give a file of JSON lines, or " + ProblemSetReader.BUNDLED);
    }
    if (limit != null && limit < 1) {
      throw CliException.usage("--limit is " + limit, "give it 1 or more");
    }
    return new ProblemSetReader(Optional.ofNullable(kind))
        .read(dataset)
        .select(
            limit == null ? OptionalInt.empty() : OptionalInt.of(limit),
            shuffle == null ? OptionalLong.empty() : OptionalLong.of(shuffle));
  }
}
