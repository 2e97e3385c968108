package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.Medians;
import ai.falaj.jobs.bench.PipelineReport.Round;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.PipelineOptions;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench pipeline}: the job from Kafka to Kafka against its own engine, in turn, over
 * the same loaded model. The broker, the registry and the reading client share the machine.
 */
@Command(
    name = "pipeline",
    description =
        "Compare the job from Kafka to Kafka with its engine alone, in turn, over one loaded model.")
final class BenchPipelineCommand extends FalajCommand {

  @Mixin private StackOptions stackOptions;

  @Mixin private PipelineOptions pipelineOptions;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "16",
      description = "Generations that the model runs at once (default: ${DEFAULT-VALUE}).")
  private int inFlight;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "192",
      description = "Requests of a round (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Most tokens of a completion (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Counted rounds of both after a warm-up; medians are printed (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, GenerationException, InterruptedException, IOException {
    PipelineLoad load = load();
    LocalStackOptions options =
        stackOptions.resolve(directories(), Connection.defaultTopics()).withProgress(console::note);
    Configuration job = pipelineOptions.configuration(options.slots());
    job.set(CompletionOptions.MAX_SEQUENCES, inFlight);
    pipelineOptions.prepare(console);
    PipelineReport report;
    try (LocalPipeline pipeline =
        LocalPipeline.start(
            options, job, pipelineOptions.parallelism(), new ConsoleProgressListener(console))) {
      report = measure(console, pipeline, load, options.partitions());
    }
    if (console.isJson()) {
      console.json(report);
    } else {
      print(console, report);
    }
    return ExitCodes.OK;
  }

  private PipelineLoad load() {
    try {
      return new PipelineLoad(requests, newTokens, rounds);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see: falaj bench pipeline --help", e);
    }
  }

  private PipelineReport measure(
      Console console, LocalPipeline pipeline, PipelineLoad load, int partitions)
      throws RuntimeLoadException, GenerationException, InterruptedException, IOException {
    Connection connection =
        Connection.of(
            pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(pipeline.runtimeSpec());
        SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        ProgressBar progress = console.progress("measuring", ProgressBar.Unit.COUNT)) {
      EngineRound engine = new EngineRound(lease.runtime(), load);
      PipelineRound kafkaToKafka = new PipelineRound(connection, registry, load);
      List<Round> measured = new ArrayList<>();
      for (int round = 0; round <= load.rounds(); round++) {
        Round result = round(engine, kafkaToKafka, "round-" + round, round % 2 == 0);
        if (round > 0) {
          measured.add(result);
        }
        progress.update(round + 1L, OptionalLong.of(load.rounds() + 1L));
      }
      return new PipelineReport(
          load,
          lease.runtime().info().model(),
          lease.runtime().info().engineVersion(),
          lease.runtime().info().maxSequences(),
          partitions,
          pipelineOptions.parallelism(),
          Medians.of(measured.stream().mapToDouble(Round::engineTokensPerSecond)),
          Medians.of(measured.stream().mapToDouble(Round::pipelineTokensPerSecond)),
          Medians.of(measured.stream().mapToDouble(Round::ratio)),
          measured);
    }
  }

  private static Round round(
      EngineRound engine, PipelineRound pipeline, String name, boolean engineFirst)
      throws GenerationException, InterruptedException {
    if (engineFirst) {
      double engineRate = engine.run();
      PipelineRound.Outcome outcome = pipeline.run(name);
      return new Round(engineRate, outcome.tokensPerSecond(), outcome.committedAfterMs());
    }
    PipelineRound.Outcome outcome = pipeline.run(name);
    return new Round(engine.run(), outcome.tokensPerSecond(), outcome.committedAfterMs());
  }

  private void print(Console console, PipelineReport report) {
    console.say(
        String.format(
            Locale.ROOT,
            "%s, %d requests of up to %d tokens, %d at once, parallelism %d, median of %d rounds",
            report.model(),
            requests,
            newTokens,
            inFlight,
            report.parallelism(),
            rounds));
    console.say(
        String.format(
            Locale.ROOT, "  engine          %9.1f tokens/s", report.engineTokensPerSecond()));
    console.say(
        String.format(
            Locale.ROOT, "  Kafka to Kafka  %9.1f tokens/s", report.pipelineTokensPerSecond()));
    console.say(
        String.format(
            Locale.ROOT, "  ratio           %9.3f (median of the rounds' ratios)", report.ratio()));
  }
}
