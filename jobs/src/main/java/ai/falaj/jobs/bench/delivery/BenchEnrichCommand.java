package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.delivery.AppendRate;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.bench.ReportOptions;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.enrich.EnrichmentFile;
import ai.falaj.jobs.enrich.EnrichmentJob;
import ai.falaj.jobs.enrich.EnrichmentSettings;
import ai.falaj.jobs.enrich.SettingsReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench enrich}: the enrichment of a topic over an engine that answers at once,
 * against the same job with a plain map in place of the inference and of what it needs, in turn.
 */
@Command(
    name = "enrich",
    description =
        "Compare an enrichment over an instant engine with the same job around a plain map, Kafka to Kafka.",
    sortOptions = false)
public final class BenchEnrichCommand extends FalajCommand {

  private static final double TARGET = 0.7;
  private static final int CONTEXT_TOKENS = 64;
  private static final double STEPS_PER_SECOND = 1_000;
  private static final Set<RecordKind> RESULTS =
      EnumSet.of(RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);

  @Mixin private ReportOptions results;

  @Mixin private JobOptions job;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Records of a round, all different (default: ${DEFAULT-VALUE}).")
  private int records;

  @Option(
      names = "--text-chars",
      paramLabel = "N",
      defaultValue = "120",
      description = "Characters of a record's text (default: ${DEFAULT-VALUE}).")
  private int textChars;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Requests that the engine takes at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--reuse",
      paramLabel = "TIME",
      defaultValue = "0 s",
      description =
          "How long answers are kept for equal questions; 0 s: prompts are asked where they are read (default: ${DEFAULT-VALUE}).")
  private String reuse;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Counted rounds of both after a warm-up; medians are printed (default: ${DEFAULT-VALUE}).")
  private int rounds;

  /** What was run. */
  record Load(
      int records,
      int textChars,
      int sequences,
      String reuse,
      int parallelism,
      int partitions,
      Map<String, String> settings) {}

  /** Records per second of both in one round. */
  record Round(double plainMap, double falaj) {
    double ratio() {
      return falaj / plainMap;
    }
  }

  @Override
  protected int run(Console console) throws IOException, InterruptedException {
    ReportOptions.checked(
        () -> {
          Prompts.requireAtLeast(1, "records", records);
          Prompts.requireAtLeast(1, "rounds", rounds);
          return rounds;
        });
    PacedSpec engine =
        ReportOptions.checked(
            () ->
                PacedSpec.paced("enrich", sequences, CONTEXT_TOKENS, STEPS_PER_SECOND)
                    .withCompleteAnswers());
    List<Round> measured = new ArrayList<>();
    try (BenchStack stack = job.start(directories(), console)) {
      Connection input = stack.topics("enrich", job.partitions(), EnumSet.of(RecordKind.PROMPTS));
      JsonRecords.sendAll(input, input.topic(RecordKind.PROMPTS), records, textChars, console);
      for (int round = 0; round <= rounds; round++) {
        Round result = round(stack, input, engine, round);
        console.note(line(round == 0 ? "warm-up" : "round " + round, result));
        if (round > 0) {
          measured.add(result);
        }
      }
    }
    results.show(console, report(engine, measured));
    return ExitCodes.OK;
  }

  private Round round(BenchStack stack, Connection input, PacedSpec engine, int round)
      throws InterruptedException {
    Build plain =
        (env, settings) -> EnrichmentJob.build(env, settings, "enrich", EnrichPassThrough::answer);
    Build falaj = (env, settings) -> EnrichmentJob.build(env, settings, engine);
    if (round % 2 == 0) {
      double first = rate(stack, input, "plain-" + round, plain);
      return new Round(first, rate(stack, input, "falaj-" + round, falaj));
    }
    double first = rate(stack, input, "falaj-" + round, falaj);
    return new Round(rate(stack, input, "plain-" + round, plain), first);
  }

  /** Adds what is to be measured. */
  @FunctionalInterface
  private interface Build {
    void into(StreamExecutionEnvironment env, EnrichmentSettings settings);
  }

  private double rate(BenchStack stack, Connection input, String name, Build build)
      throws InterruptedException {
    Connection output = stack.topics(name, job.partitions(), RESULTS);
    EnrichmentFile file = EnrichmentFile.parse(yaml(name, input, output), "the benchmark's file");
    Configuration options =
        SettingsReader.options(
            file,
            job.over(
                Map.of(
                    "restart-strategy.type", "none",
                    "falaj.checkpoint.interval", "1 s",
                    "falaj.inference.max-in-flight", "1024")));
    StreamExecutionEnvironment env = stack.parts().flink().environment(options);
    env.setParallelism(job.parallelism());
    try {
      build.into(env, SettingsReader.read(file, options));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e);
    }
    try {
      env.execute(name);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) { // declared by execute
      throw CliException.failure("the job failed: " + e.getMessage(), "see the log", e);
    }
    double perSecond =
        AppendRate.perSecond(
            JsonRecords.appendTimes(output, output.topic(RecordKind.COMPLETIONS), records));
    stack.delete(output, RESULTS);
    return perSecond;
  }

  private String yaml(String name, Connection input, Connection output) {
    return """
        name: %s
        source: {type: kafka, topic: %s, format: json, fields: {id: int, text: string}}
        prompt: {system: Say one word about a text., user: "{{text}}"}
        output: {fields: {word: string}}
        sampling: {max_tokens: 1}
        reuse: {time-to-live: "%s"}
        sink: {type: kafka, topic: %s, format: json}
        options:
          falaj.bootstrap.servers: %s
          falaj.schema-registry.url: %s
          falaj.topic.dead-letters: %s
        """
        .formatted(
            name,
            input.topic(RecordKind.PROMPTS),
            reuse,
            output.topic(RecordKind.COMPLETIONS),
            output.bootstrapServers(),
            output.registry().displayUrls(),
            output.topic(RecordKind.DEAD_LETTERS));
  }

  private BenchmarkReport<Load, Round> report(PacedSpec engine, List<Round> measured) {
    return BenchmarkReport.of(
        "enrich",
        engine.info(),
        new Load(
            records,
            textChars,
            sequences,
            reuse,
            job.parallelism(),
            job.partitions(),
            job.settings()),
        List.of(
            Verdict.atLeast(
                TARGET,
                "records per second, enrichment over an instant engine : plain map",
                Medians.of(measured.stream().mapToDouble(Round::ratio)))),
        measured);
  }

  private static String line(String name, Round round) {
    return String.format(
        Locale.ROOT,
        "  %-8s plain map %,9.0f records/s, enrichment %,9.0f, ratio %.3f",
        name,
        round.plainMap(),
        round.falaj(),
        round.ratio());
  }
}
