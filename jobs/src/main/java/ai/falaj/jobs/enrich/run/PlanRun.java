package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.enrich.EnrichmentFile;
import ai.falaj.jobs.enrich.EnrichmentSettings;
import ai.falaj.jobs.enrich.SampleJob;
import ai.falaj.runtime.RuntimeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.util.FileUtils;

/** {@code falaj enrich --plan}: tries a sample and says what all of it would take. Stateless. */
final class PlanRun {

  private static final int DEFAULT_SAMPLE = 50;

  private PlanRun() {}

  static int show(
      EnrichmentFile file, EnrichmentSettings settings, RuntimeSpec spec, Console console)
      throws IOException, InterruptedException {
    OptionalLong records = RecordCount.of(settings);
    List<byte[]> sample = RecordCount.first(settings, sampleSize(file));
    if (sample.isEmpty()) {
      throw CliException.usage(
          settings.source().name() + " has no records", "plan with some that are like the others");
    }
    console.note("trying %d records with %s".formatted(sample.size(), spec.model()));
    Plan plan =
        Plan.of(
            records.isPresent() ? records.getAsLong() : null,
            tried(settings, spec, sample),
            spec.model(),
            file.plan() == null ? Map.of() : file.plan().prices());
    if (console.isJson()) {
      console.json(plan);
    } else {
      lines(plan).forEach(console::say);
    }
    return ExitCodes.OK;
  }

  private static int sampleSize(EnrichmentFile file) {
    Integer given = file.plan() == null ? null : file.plan().sample();
    if (given != null && given < 1) {
      throw CliException.usage("plan.sample is " + given, "try at least 1 record");
    }
    return given == null ? DEFAULT_SAMPLE : given;
  }

  private static SampleJob.Result tried(
      EnrichmentSettings settings, RuntimeSpec spec, List<byte[]> sample) throws IOException {
    Path temporary = Files.createTempDirectory("falaj-plan");
    Configuration flink = new Configuration();
    flink.set(CoreOptions.TMP_DIRS, temporary.toString());
    try {
      return SampleJob.run(settings, spec, sample, flink);
    } catch (IllegalStateException e) {
      throw CliException.failure(e.getMessage(), "see the log", e);
    } finally {
      FileUtils.deleteDirectoryQuietly(temporary.toFile());
    }
  }

  static List<String> lines(Plan plan) {
    List<String> lines = new ArrayList<>();
    SampleJob.Result sample = plan.sample();
    lines.add(
        ReportText.format(
            "%s records; sample of %,d: %,d questions asked, %,d records without values, %.1f s",
            plan.records() == null ? "?" : ReportText.format("%,d", plan.records()),
            sample.records(),
            sample.asked(),
            sample.failed(),
            sample.seconds()));
    lines.add(
        ReportText.format(
            "expected tokens: %,d of prompts (%,d cached), %,d of answers",
            plan.expected().prompt(), plan.expected().cached(), plan.expected().completion()));
    lines.add(ReportText.format("%-40s %12s %14s  %s", "backend", "time", "cost", "as of"));
    for (Plan.Backend backend : plan.backends()) {
      lines.add(
          ReportText.format(
              "%-40s %12s %14s  %s",
              backend.name(),
              backend.seconds() == null ? "unknown" : time(backend.seconds()),
              backend.cost() == null
                  ? "unknown"
                  : ReportText.format(
                      "%.2f %s",
                      backend.cost(), backend.currency() == null ? "" : backend.currency()),
              backend.source()));
    }
    return lines;
  }

  private static String time(double seconds) {
    if (seconds < 90) {
      return ReportText.format("%.0f s", seconds);
    }
    return seconds < 5_400
        ? ReportText.format("%.0f min", seconds / 60)
        : ReportText.format("%.1f h", seconds / 3_600);
  }
}
