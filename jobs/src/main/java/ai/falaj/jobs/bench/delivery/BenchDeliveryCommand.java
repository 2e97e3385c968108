package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.delivery.AppendRate;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.operators.InferenceOutputs;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench delivery}: the job over an engine that answers at once, against the same job
 * with a plain map in place of its inference, in turn.
 */
@Command(
    name = "delivery",
    description =
        "Compare the job over an instant engine with the same job around a plain map, Kafka to Kafka.",
    sortOptions = false)
public final class BenchDeliveryCommand
    extends JobBenchmarkCommand<BenchDeliveryCommand.Load, BenchDeliveryCommand.Round> {

  private static final double TARGET = 0.75;
  private static final int CONTEXT_TOKENS = 64;

  /**
   * The engine answers all that waits once in a millisecond. One that woke for each request would
   * cost more than the job: engines run steps.
   */
  private static final double STEPS_PER_SECOND = 1_000;

  /** Of a subtask; what it can hand over in a millisecond, and more. */
  private static final int MAX_IN_FLIGHT = 1_024;

  private static final Set<RecordKind> RESULTS =
      EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);

  @Option(
      names = "--prompts",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Prompts of a round (default: ${DEFAULT-VALUE}).")
  private int prompts;

  @Option(
      names = "--prompt-chars",
      paramLabel = "N",
      defaultValue = "120",
      description = "Characters of a prompt (default: ${DEFAULT-VALUE}).")
  private int promptChars;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Requests that the engine takes at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Counted rounds of both after a warm-up; medians are printed (default: ${DEFAULT-VALUE}).")
  private int rounds;

  /** What was run. */
  record Load(
      int prompts,
      int promptChars,
      int sequences,
      int parallelism,
      int partitions,
      Map<String, String> settings) {}

  /**
   * One way's figures of one round.
   *
   * @param cpuMicros processor time per record, by what used it
   */
  record Run(double recordsPerSecond, Map<String, Double> cpuMicros) {}

  /** One round of both. */
  record Round(Run plainMap, Run falaj) {
    double ratio() {
      return falaj.recordsPerSecond() / plainMap.recordsPerSecond();
    }
  }

  @Override
  Prompts prompts() {
    Prompts.requireAtLeast(1, "rounds", rounds);
    return new Prompts(prompts, 0, 1, 1, promptChars, 1);
  }

  @Override
  PacedSpec engine() {
    return PacedSpec.paced("delivery", sequences, CONTEXT_TOKENS, STEPS_PER_SECOND);
  }

  @Override
  BenchmarkReport<Load, Round> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException {
    Connection connection =
        stack.topics("delivery", job().partitions(), EnumSet.of(RecordKind.PROMPTS));
    load.sendAll(stack, connection, console);
    Configuration settings =
        job()
            .over(
                Map.of(
                    "falaj.chunks.enabled",
                    "false",
                    "falaj.checkpoint.interval",
                    "1 s",
                    "falaj.inference.max-in-flight",
                    Integer.toString(MAX_IN_FLIGHT)));
    List<Round> measured = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      Round result = round(stack, connection, settings, engine, round, console);
      console.note(line(round == 0 ? "warm-up" : "round " + round, result));
      if (round > 0) {
        measured.add(result);
      }
    }
    return report(engine, measured);
  }

  private Round round(
      BenchStack stack,
      Connection prompts,
      Configuration settings,
      PacedSpec engine,
      int round,
      Console console)
      throws InterruptedException {
    BenchJob.Build plain =
        BenchJob.answering(
            (records, unused) ->
                records
                    .map(new PassThrough(), InferenceOutputs.COMPLETION_TYPE)
                    .name("map")
                    .uid("map"));
    BenchJob.Build falaj = BenchJob.falaj(engine);
    if (round % 2 == 0) {
      Run first = run(stack, prompts, settings, "plain-" + round, plain, console);
      return new Round(first, run(stack, prompts, settings, "falaj-" + round, falaj, console));
    }
    Run first = run(stack, prompts, settings, "falaj-" + round, falaj, console);
    return new Round(run(stack, prompts, settings, "plain-" + round, plain, console), first);
  }

  private Run run(
      BenchStack stack,
      Connection prompts,
      Configuration settings,
      String name,
      BenchJob.Build build,
      Console console)
      throws InterruptedException {
    Connection connection =
        stack
            .topics(name, job().partitions(), RESULTS)
            .withTopic(RecordKind.PROMPTS, prompts.topic(RecordKind.PROMPTS));
    CpuMeter cpu = CpuMeter.start(stack.parts().kafka().pid());
    List<ResultLog.Result> completions;
    Map<String, Double> cpuMicros;
    try (BenchJob running =
        BenchJob.start(stack, name, connection, settings, job().parallelism(), build)) {
      ResultLog log = new ResultLog(stack, connection, running);
      log.awaitAppended(this.prompts, console);
      cpuMicros = cpu.perRecord(this.prompts);
      completions = log.await(this.prompts, console);
    }
    stack.delete(connection, RESULTS);
    return new Run(
        AppendRate.perSecond(
            completions.stream().mapToLong(ResultLog.Result::appendedAtMs).toArray()),
        cpuMicros);
  }

  private BenchmarkReport<Load, Round> report(PacedSpec engine, List<Round> measured) {
    return BenchmarkReport.of(
        "delivery",
        engine.info(),
        new Load(
            prompts,
            promptChars,
            sequences,
            job().parallelism(),
            job().partitions(),
            job().settings()),
        List.of(
            Verdict.atLeast(
                TARGET,
                "records per second, job over an instant engine : plain map",
                Medians.of(measured.stream().mapToDouble(Round::ratio)))),
        measured);
  }

  private static String line(String name, Round round) {
    return String.format(
        Locale.ROOT,
        "  %-8s plain map %,9.0f records/s, falaj %,9.0f, ratio %.3f",
        name,
        round.plainMap().recordsPerSecond(),
        round.falaj().recordsPerSecond(),
        round.ratio());
  }

  /** What bounds it: where the processors' time goes. */
  @Override
  List<String> details(List<Round> rounds) {
    List<String> lines = new ArrayList<>();
    lines.add("  processor time in microseconds per record, medians:   plain map   falaj");
    Set<String> parts = new TreeSet<>();
    for (Round round : rounds) {
      parts.addAll(round.plainMap().cpuMicros().keySet());
      parts.addAll(round.falaj().cpuMicros().keySet());
    }
    for (String part : parts) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    %-50s %11.2f %7.2f",
              part,
              Medians.of(
                  rounds.stream()
                      .mapToDouble(r -> r.plainMap().cpuMicros().getOrDefault(part, 0.0))),
              Medians.of(
                  rounds.stream()
                      .mapToDouble(r -> r.falaj().cpuMicros().getOrDefault(part, 0.0)))));
    }
    return lines;
  }
}
