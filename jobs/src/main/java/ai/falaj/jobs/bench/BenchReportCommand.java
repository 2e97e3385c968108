package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.ReportFiles;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code falaj bench report}: the table of what was measured. */
@Command(name = "report", description = "Print the reports of a folder as a Markdown table.")
final class BenchReportCommand extends FalajCommand {

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = "benchmarks/results",
      description = "Folder of reports (default: ${DEFAULT-VALUE}).")
  private Path folder;

  @Override
  protected int run(Console console) {
    try {
      String table = ReportFiles.table(folder);
      if (console.isJson()) {
        console.json(Map.of("table", table));
      } else {
        console.stream(table);
      }
      return ExitCodes.OK;
    } catch (IOException e) {
      throw CliException.usage(
          "the reports in " + folder + " cannot be read: " + e.getMessage(),
          "name the folder that --out wrote to",
          e);
    }
  }
}
