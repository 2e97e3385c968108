package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.metrics.EvalReporter;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.RunFolder;
import ai.falaj.jobs.eval.run.RunSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reports of runs that were kept. */
final class Runs {

  private Runs() {}

  /** The report of a kept run, with the grades that it was kept with. */
  static EvalReport read(Path folderOrFile) throws IOException {
    Path file = RunFolder.resultsFile(folderOrFile);
    return report(file, RunFolder.readResults(file));
  }

  /**
   * The report of results.
   *
   * @param file where they were kept; beside it stands what was asked
   */
  static EvalReport report(Path file, List<ProblemResult> results) throws IOException {
    RunSettings settings = RunFolder.readSettings(file.toAbsolutePath().getParent());
    if (results.isEmpty()) {
      throw CliException.usage(file + " holds no result", "name a run that has some");
    }
    Set<String> through = results.stream().map(ProblemResult::id).collect(Collectors.toSet());
    return new EvalReporter()
        .report(
            settings.dataset(),
            settings.label(),
            settings.samples(),
            results,
            settings.problemIds().stream().filter(id -> !through.contains(id)).toList());
  }
}
