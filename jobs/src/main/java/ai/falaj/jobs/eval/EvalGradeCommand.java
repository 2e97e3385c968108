package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.eval.grading.Grader;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj eval grade}: grades kept answers again, with the grader of this release. */
@Command(
    name = "grade",
    description = "Grade the answers of a run again and sum up anew; nothing is asked.",
    sortOptions = false)
final class EvalGradeCommand extends FalajCommand {

  @Parameters(paramLabel = "RUN", description = "A run's folder, or its results.jsonl.")
  private Path run;

  @Option(names = "--write", description = "Keep the new grades and the new report in the folder.")
  private boolean write;

  @Override
  protected int run(Console console) throws IOException {
    Path file = RunFolder.resultsFile(run);
    List<ProblemResult> before = RunFolder.readResults(file);
    Grader grader = new Grader();
    List<ProblemResult> after = before.stream().map(result -> result.graded(grader)).toList();
    EvalReport report = Runs.report(file, after);
    if (write) {
      RunFolder.replaceResults(file, after);
      RunFolder.writeReport(file.toAbsolutePath().getParent(), report);
    }
    if (console.isJson()) {
      console.json(report);
    } else {
      ReportText.lines(report).forEach(console::say);
    }
    changes(before, after).forEach(console::note);
    return ExitCodes.OK;
  }

  private static List<String> changes(List<ProblemResult> before, List<ProblemResult> after) {
    List<String> changes = new ArrayList<>();
    for (int problem = 0; problem < before.size(); problem++) {
      for (int sample = 0; sample < before.get(problem).samples().size(); sample++) {
        boolean was = before.get(problem).samples().get(sample).correct();
        boolean is = after.get(problem).samples().get(sample).correct();
        if (was != is) {
          changes.add(
              before.get(problem).id()
                  + ", sample "
                  + sample
                  + ": was "
                  + (was ? "right" : "wrong")
                  + ", is "
                  + (is ? "right" : "wrong"));
        }
      }
    }
    return changes;
  }
}
