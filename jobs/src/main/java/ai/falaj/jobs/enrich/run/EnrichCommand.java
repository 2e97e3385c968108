package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.ModelOptions;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.enrich.EnrichmentFile;
import ai.falaj.jobs.enrich.EnrichmentSettings;
import ai.falaj.jobs.enrich.SettingsReader;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.models.ModelCatalogue;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj enrich}: adds fields that a model makes to records, as a YAML file says. */
@Command(
    name = "enrich",
    description = "Add fields that a model makes to the records of files or of a topic.",
    footer = {
      "",
      "Example: falaj enrich examples/enrich/reviews.yaml",
      "Files need no broker; topics are those of the running local stack (falaj up), or of",
      "falaj.bootstrap.servers and falaj.schema-registry.url. See docs/ENRICHMENT.md."
    },
    sortOptions = false)
public final class EnrichCommand extends FalajCommand {

  @Parameters(paramLabel = "FILE.yaml", description = "Describes the enrichment.")
  private Path path;

  @Option(
      names = "--plan",
      description = "Enrich nothing: try a sample, and say what time, tokens and cost to expect.")
  private boolean plan;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      description =
          "A model that 'falaj model list' shows, or a .gguf file; stands for falaj.model (default:"
              + " the file's, or "
              + ModelCatalogue.DEMO_MODEL
              + ").")
  private String model;

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Parallelism of the job; its subtasks share one model (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description =
          "Keep checkpoints here, so that a run that was stopped or failed can be resumed.")
  private Path checkpoints;

  @Option(
      names = "--resume",
      description = "Go on from the newest checkpoint in --checkpoints; without any, begin.")
  private boolean resume;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of the job, over those of the file; may be repeated.")
  private Map<String, String> given = new LinkedHashMap<>();

  @Override
  protected int run(Console console)
      throws IOException, InterruptedException, RuntimeLoadException {
    if (parallelism < 1) {
      throw CliException.usage("--parallelism is " + parallelism, "give at least 1");
    }
    if (resume && checkpoints == null) {
      throw CliException.usage(
          "--resume is given without --checkpoints", "name the folder of the run to go on with");
    }
    EnrichmentFile file;
    Configuration options;
    EnrichmentSettings settings;
    RuntimeSpec spec;
    try {
      file = EnrichmentFile.read(path);
      options = options(file);
      settings = SettingsReader.read(file, options);
      spec = ModelSpecs.fromOptions(options);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    prepare(options, console);
    try (RuntimeLease loaded =
        SharedRuntimes.ofThisJvm().acquire(spec, new ConsoleProgressListener(console))) {
      Objects.requireNonNull(loaded);
      return plan
          ? PlanRun.show(file, settings, spec, console)
          : enrich(file, settings, spec, options, console);
    }
  }

  private Configuration options(EnrichmentFile file) {
    Configuration over = new Configuration();
    if (SettingsReader.usesKafka(file)) {
      StackDescription.running(directories().stackState())
          .ifPresent(
              stack -> {
                setIfAbsent(
                    file,
                    over,
                    CompletionOptions.BOOTSTRAP_SERVERS.key(),
                    stack.bootstrapServers());
                setIfAbsent(
                    file,
                    over,
                    CompletionOptions.SCHEMA_REGISTRY_URL.key(),
                    stack.schemaRegistryUrl());
              });
    }
    if (model != null) {
      over.set(CompletionOptions.MODEL, model);
    } else if (ModelOptions.names(Configuration.fromMap(file.options())).isEmpty()
        && ModelOptions.names(Configuration.fromMap(given)).isEmpty()) {
      setIfAbsent(file, over, CompletionOptions.MODEL.key(), ModelCatalogue.DEMO_MODEL);
    }
    given.forEach(over::setString);
    return SettingsReader.options(file, over);
  }

  private static void setIfAbsent(
      EnrichmentFile file, Configuration over, String key, String value) {
    if (!file.options().containsKey(key)) {
      over.setString(key, value);
    }
  }

  private static void prepare(Configuration options, Console console)
      throws RuntimeLoadException, InterruptedException {
    if (ModelOptions.names(options).isEmpty()) {
      PipelineOptions.prepare(options.get(CompletionOptions.MODEL), console);
    }
    for (String source : ModelOptions.sourcesOfFiles(options)) {
      PipelineOptions.prepare(source, console);
    }
  }

  private int enrich(
      EnrichmentFile file,
      EnrichmentSettings settings,
      RuntimeSpec spec,
      Configuration options,
      Console console)
      throws IOException, InterruptedException {
    OptionalLong total = RecordCount.of(settings);
    Optional<Path> startFrom =
        resume ? LocalEnrichment.newestCheckpoint(checkpoints) : Optional.empty();
    startFrom.ifPresent(checkpoint -> console.note("going on from " + checkpoint));
    long startedNanos = System.nanoTime();
    EnrichmentTotals totals;
    try (ProgressBar bar = console.progress("enriching", ProgressBar.Unit.COUNT)) {
      Progress progress = new Progress(bar, total);
      totals =
          LocalEnrichment.run(
              settings,
              spec,
              options,
              parallelism,
              Optional.ofNullable(checkpoints),
              startFrom,
              progress::show);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    } catch (IllegalStateException e) {
      throw CliException.failure(e.getMessage(), remedy(), e);
    }
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    EnrichmentReport report =
        EnrichmentReport.of(
            file.name(),
            settings.source().name(),
            settings.sink().name(),
            seconds,
            startFrom.isPresent(),
            totals);
    return show(report, file, console);
  }

  private String remedy() {
    return checkpoints == null
        ? "see the log"
        : "see the log, and go on with --checkpoints " + checkpoints + " --resume";
  }

  private static int show(EnrichmentReport report, EnrichmentFile file, Console console)
      throws IOException {
    if (file.report() != null && file.report().path() != null) {
      List<Path> written = ReportPages.write(report, Path.of(file.report().path()));
      console.note("report: " + written.get(0));
    }
    if (console.isJson()) {
      console.json(report);
    } else {
      ReportText.lines(report).forEach(console::say);
    }
    if (report.records() > 0 && report.enriched() == 0) {
      throw CliException.failure(
          "no record was enriched: " + report.errors(), "look at the errors beside the records");
    }
    return ExitCodes.OK;
  }
}
