package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.Percentiles;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench latency}: how much later than the engine tells it a token is in the topic of
 * chunks, with the job's default settings.
 */
@Command(
    name = "latency",
    description = "Measure the time from the engine's token until its chunk is in the topic.",
    sortOptions = false)
public final class BenchLatencyCommand
    extends JobBenchmarkCommand<BenchLatencyCommand.Load, BenchLatencyCommand.Stage> {

  private static final double TARGET_MS = 25;
  private static final double MICROS_PER_MS = 1e3;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Sequences that the engine keeps busy (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "15",
      description = "Of each sequence (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens of a completion (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description = "Time before the first token that counts (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Time that counts (default: ${DEFAULT-VALUE}).")
  private int seconds;

  /** What was run. */
  record Load(
      int sequences,
      double tokensPerSecond,
      int newTokens,
      int warmUpSeconds,
      int seconds,
      int parallelism,
      int partitions,
      Map<String, String> settings) {}

  /**
   * Milliseconds from the engine's call until a point of the way.
   *
   * @param where which point
   * @param tokens that were measured
   */
  record Stage(String where, int tokens, double p50, double p99, double max) {}

  /** Two requests of each sequence more: the last ones still run when the time is over. */
  @Override
  Prompts prompts() {
    Prompts.requireAtLeast(1, "seconds", seconds);
    Prompts.requireAtLeast(0, "seconds of warm-up", warmUpSeconds);
    Prompts.requireAtLeast(1, "new tokens", newTokens);
    int perSequence = 2 + (int) Math.ceil((warmUpSeconds + seconds) * tokensPerSecond / newTokens);
    return new Prompts(sequences * perSequence, 0, newTokens, newTokens, 120, 1);
  }

  @Override
  PacedSpec engine() {
    return PacedSpec.paced("latency", sequences, newTokens, tokensPerSecond).withStamps();
  }

  @Override
  BenchmarkReport<Load, Stage> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException {
    Connection connection =
        stack.topics("latency", job().partitions(), EnumSet.allOf(RecordKind.class));
    load.sendAll(stack, connection, console);
    ChunkLatency latency = new ChunkLatency(stack, connection);
    try (BenchJob running =
        BenchJob.start(
            stack,
            "latency",
            connection,
            job().over(Map.of()),
            job().parallelism(),
            BenchJob.falaj(engine))) {
      latency.run(running, warmUpSeconds, seconds, console);
    }
    return report(
        engine,
        List.of(
            stage("sent by the operator", latency.sent()),
            stage("appended to the topic", latency.appended()),
            stage("read by a consumer", latency.read())));
  }

  @Override
  List<String> details(List<Stage> stages) {
    return stages.stream()
        .map(
            stage ->
                String.format(
                    Locale.ROOT,
                    "  token until %-22s p50 %6.1f ms, p99 %6.1f ms, max %6.1f ms, %,d tokens",
                    stage.where(),
                    stage.p50(),
                    stage.p99(),
                    stage.max(),
                    stage.tokens()))
        .toList();
  }

  private static Stage stage(String where, List<Long> micros) {
    Percentiles percentiles = Percentiles.of(micros);
    return new Stage(
        where,
        micros.size(),
        percentiles.at(50).orElse(0) / MICROS_PER_MS,
        percentiles.at(99).orElse(0) / MICROS_PER_MS,
        percentiles.at(100).orElse(0) / MICROS_PER_MS);
  }

  private BenchmarkReport<Load, Stage> report(PacedSpec engine, List<Stage> stages) {
    return BenchmarkReport.of(
        "latency",
        engine.info(),
        new Load(
            sequences,
            tokensPerSecond,
            newTokens,
            warmUpSeconds,
            seconds,
            job().parallelism(),
            job().partitions(),
            job().settings()),
        List.of(
            Verdict.atMost(
                TARGET_MS,
                "ms from the engine's token until its chunk is in the topic, p99",
                stages.get(1).p99()),
            Verdict.atMost(
                TARGET_MS,
                "ms from the engine's token until a consumer has read its chunk, p99",
                stages.get(2).p99())),
        stages);
  }
}
