package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.ReportFiles;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where the report of a benchmark goes, and how it is shown. */
public final class ReportOptions {

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the report there as JSON, with every round.")
  private Path out;

  /** Turns a refused number into the user's mistake. */
  public static <T> T checked(Supplier<T> load) {
    try {
      return load.get();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see --help", e);
    }
  }

  /** Writes, prints and judges a report; missing a target is no failure. */
  public void show(Console console, BenchmarkReport<?, ?> report) throws IOException {
    if (out != null) {
      ReportFiles.write(out, report);
    }
    if (console.isJson()) {
      console.json(report);
    }
    console.say(report.model() + ", " + report.engine() + ", " + report.machine().processor());
    for (Verdict verdict : report.verdicts()) {
      console.say(
          String.format(
              Locale.ROOT,
              "  %-7s %8.3f (%s %s)  %s",
              verdict.met() ? "met" : "MISSED",
              verdict.value(),
              verdict.bound() == Verdict.Bound.AT_LEAST ? "at least" : "at most",
              verdict.target(),
              verdict.what()));
    }
  }
}
