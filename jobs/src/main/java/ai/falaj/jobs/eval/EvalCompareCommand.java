package ai.falaj.jobs.eval;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.eval.compare.Comparison;
import ai.falaj.jobs.eval.compare.ComparisonHtml;
import ai.falaj.jobs.eval.compare.ComparisonSvg;
import ai.falaj.jobs.eval.compare.ComparisonText;
import ai.falaj.jobs.eval.compare.Metric;
import ai.falaj.jobs.eval.compare.PublishedFigure;
import ai.falaj.jobs.eval.metrics.EvalReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj eval compare}: runs side by side. */
@Command(
    name = "compare",
    description = "Set runs side by side: models against data sets, as a table and a chart.",
    sortOptions = false)
final class EvalCompareCommand extends FalajCommand {

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      description = "Folders of runs, or their results.jsonl.")
  private List<Path> runs;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      defaultValue = "PASS_AT_1",
      description = "pass_at_1, majority, best_of_n or judged (default: pass_at_1).")
  private Metric metric;

  @Option(
      names = "--published",
      paramLabel = "FILE",
      description = "Show the published figures of this JSON file too, marked as such.")
  private Path published;

  @Option(names = "--svg", paramLabel = "FILE", description = "Also draw the chart into this file.")
  private Path svg;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write table and chart as a page into this file.")
  private Path html;

  @Override
  protected int run(Console console) throws IOException {
    List<EvalReport> reports = new ArrayList<>();
    for (Path run : runs) {
      reports.add(Runs.read(run));
    }
    for (EvalReport report : reports) {
      if (!metric.isIn(report)) {
        console.note(
            "left out: %s on %s has no %s"
                .formatted(report.label(), report.dataset(), metric.title()));
      }
    }
    Comparison comparison =
        Comparison.of(
            metric, reports, published == null ? List.of() : PublishedFigure.read(published));
    if (svg != null) {
      Files.writeString(svg, ComparisonSvg.draw(comparison));
    }
    if (html != null) {
      Files.writeString(html, ComparisonHtml.page(comparison));
    }
    if (console.isJson()) {
      console.json(comparison);
    } else {
      ComparisonText.lines(comparison).forEach(console::say);
    }
    return ExitCodes.OK;
  }
}
