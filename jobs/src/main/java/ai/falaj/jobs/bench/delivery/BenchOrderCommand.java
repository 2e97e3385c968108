package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.delivery.AppendRate;
import ai.falaj.benchmarks.delivery.OrderCheck;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.operators.ResultOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench order}: what it costs to keep the order of each conversation, and whether it
 * is kept. Completions go to one partition, whose offsets say what came before what.
 */
@Command(
    name = "order",
    description = "Compare KEY_ORDERED with UNORDERED completions, and check their order.",
    sortOptions = false)
public final class BenchOrderCommand
    extends JobBenchmarkCommand<BenchOrderCommand.Load, BenchOrderCommand.Round> {

  private static final double TARGET = 0.9;
  private static final Set<RecordKind> OTHERS =
      EnumSet.of(RecordKind.CHUNKS, RecordKind.DEAD_LETTERS);

  @Option(
      names = "--prompts",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Prompts of a round (default: ${DEFAULT-VALUE}).")
  private int prompts;

  @Option(
      names = "--conversations",
      paramLabel = "N",
      defaultValue = "200",
      description = "Conversations that they belong to, at random (default: ${DEFAULT-VALUE}).")
  private int conversations;

  @Option(
      names = "--min-tokens",
      paramLabel = "N",
      defaultValue = "8",
      description = "Fewest tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int minTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Sequences that the engine runs at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "500",
      description = "Of each sequence (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds of both after a warm-up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of lengths and conversations (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** What was run. */
  record Load(
      Prompts prompts,
      int sequences,
      double tokensPerSecond,
      int parallelism,
      int partitions,
      Map<String, String> settings) {}

  /**
   * One way's figures of one round.
   *
   * @param overtaken completions that came after a later one of their conversation
   */
  record Run(double completionsPerSecond, int conversations, int overtaken) {}

  /** One round of both. */
  record Round(Run unordered, Run keyOrdered) {
    double ratio() {
      return keyOrdered.completionsPerSecond() / unordered.completionsPerSecond();
    }
  }

  @Override
  Prompts prompts() {
    Prompts.requireAtLeast(1, "rounds", rounds);
    Prompts.requireAtLeast(1, "conversations", conversations);
    return new Prompts(prompts, conversations, minTokens, maxTokens, 120, seed);
  }

  @Override
  PacedSpec engine() {
    return PacedSpec.paced("order", sequences, maxTokens, tokensPerSecond);
  }

  @Override
  BenchmarkReport<Load, Round> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException {
    Connection connection =
        stack.topics("order", job().partitions(), EnumSet.of(RecordKind.PROMPTS));
    load.sendAll(stack, connection, console);
    List<Round> measured = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      Round result = round(stack, connection, load, engine, round, console);
      console.note(line(round == 0 ? "warm-up" : "round " + round, result));
      if (round > 0) {
        measured.add(result);
      }
    }
    return report(engine, load, measured);
  }

  @Override
  List<String> details(List<Round> measured) {
    return measured.stream().map(round -> line("", round)).toList();
  }

  private Round round(
      BenchStack stack,
      Connection prompts,
      Prompts load,
      PacedSpec engine,
      int round,
      Console console)
      throws InterruptedException {
    if (round % 2 == 0) {
      Run first = run(stack, prompts, load, engine, ResultOrder.UNORDERED, round, console);
      return new Round(
          first, run(stack, prompts, load, engine, ResultOrder.KEY_ORDERED, round, console));
    }
    Run first = run(stack, prompts, load, engine, ResultOrder.KEY_ORDERED, round, console);
    return new Round(
        run(stack, prompts, load, engine, ResultOrder.UNORDERED, round, console), first);
  }

  private Run run(
      BenchStack stack,
      Connection prompts,
      Prompts load,
      PacedSpec engine,
      ResultOrder order,
      int round,
      Console console)
      throws InterruptedException {
    String name = order.name().toLowerCase(Locale.ROOT) + "-" + round;
    Connection onePartition = stack.topics(name, 1, EnumSet.of(RecordKind.COMPLETIONS));
    Connection connection =
        stack
            .topics(name, job().partitions(), OTHERS)
            .withTopic(RecordKind.COMPLETIONS, onePartition.topic(RecordKind.COMPLETIONS))
            .withTopic(RecordKind.PROMPTS, prompts.topic(RecordKind.PROMPTS));
    Configuration settings =
        job()
            .over(
                Map.of(
                    "falaj.chunks.enabled",
                    "false",
                    "falaj.checkpoint.interval",
                    "1 s",
                    "falaj.inference.result-order",
                    order.name()));
    List<ResultLog.Result> completions;
    try (BenchJob running =
        BenchJob.start(
            stack, name, connection, settings, job().parallelism(), BenchJob.falaj(engine))) {
      completions = new ResultLog(stack, connection, running).await(load.count(), console);
    }
    OrderCheck check = new OrderCheck();
    completions.forEach(
        result -> check.take(result.conversation(), Prompts.numberOf(result.requestId())));
    if (check.results() != load.count()) {
      throw CliException.failure(
          check.results() + " completions came for " + load.count() + " prompts", "see the log");
    }
    return new Run(
        AppendRate.perSecond(
            completions.stream().mapToLong(ResultLog.Result::appendedAtMs).toArray()),
        check.conversations(),
        check.overtaken());
  }

  private BenchmarkReport<Load, Round> report(
      PacedSpec engine, Prompts load, List<Round> measured) {
    int overtaken = measured.stream().mapToInt(round -> round.keyOrdered().overtaken()).sum();
    return BenchmarkReport.of(
        "order",
        engine.info(),
        new Load(
            load,
            sequences,
            tokensPerSecond,
            job().parallelism(),
            job().partitions(),
            job().settings()),
        List.of(
            Verdict.atMost(
                0, "KEY_ORDERED completions after a later one of their conversation", overtaken),
            Verdict.atLeast(
                TARGET,
                "completions per second, KEY_ORDERED : UNORDERED",
                Medians.of(measured.stream().mapToDouble(Round::ratio)))),
        measured);
  }

  private static String line(String name, Round round) {
    return String.format(
        Locale.ROOT,
        "  %-8s UNORDERED %,7.1f completions/s (%d overtaken), KEY_ORDERED %,7.1f (%d), ratio %.3f",
        name,
        round.unordered().completionsPerSecond(),
        round.unordered().overtaken(),
        round.keyOrdered().completionsPerSecond(),
        round.keyOrdered().overtaken(),
        round.ratio());
  }
}
