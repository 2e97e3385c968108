package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.Percentiles;
import ai.falaj.benchmarks.delivery.LinearFit;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.bench.delivery.CheckpointHistory.Checkpoint;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench checkpoints}: how long checkpoints take and how large they are while many long
 * generations are in flight and more prompts wait; with prompts read in place and exchanged by key,
 * aligned and unaligned.
 */
@Command(
    name = "checkpoints",
    description = "Measure checkpoints with many long generations in flight.",
    sortOptions = false)
public final class BenchCheckpointsCommand
    extends JobBenchmarkCommand<BenchCheckpointsCommand.Load, BenchCheckpointsCommand.Run> {

  private static final double TARGET_MS = 1_000;
  private static final Duration SAMPLE = Duration.ofMillis(20);

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests in flight (default: ${DEFAULT-VALUE}).")
  private int inFlight;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "20",
      description = "Of each sequence (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--min-tokens",
      paramLabel = "N",
      defaultValue = "300",
      description = "Fewest tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int minTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "1200",
      description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long each job runs (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--interval",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Milliseconds between checkpoints (default: ${DEFAULT-VALUE}).")
  private int intervalMs;

  /** What was run. */
  record Load(
      int inFlight,
      double tokensPerSecond,
      int minTokens,
      int maxTokens,
      int seconds,
      int intervalMs,
      int parallelism,
      Map<String, String> settings) {}

  /** Milliseconds. */
  record Spread(long p50, long p99, long max) {}

  /**
   * What checkpoints hold; all 0 where fewer than two completed while all sequences ran.
   *
   * @param tokensInFlight at the checkpoint that held most
   * @param bytes of that checkpoint
   * @param bytesPerToken slope of the line through tokens in flight and bytes
   * @param fixedBytes its intercept: prompts, offsets, everything that does not grow
   */
  record StateSize(long tokensInFlight, long bytes, double bytesPerToken, double fixedBytes) {}

  /**
   * One job's checkpoints.
   *
   * @param duration of all, the one included that was under way at the end, where it had taken
   *     longer than any other by then
   */
  record Run(
      String variant,
      int completed,
      int failed,
      Spread duration,
      Spread startDelay,
      Spread sync,
      Spread async,
      StateSize size,
      List<Checkpoint> checkpoints) {}

  /** A way to run the job. */
  private record Variant(String name, boolean keyed, boolean unaligned) {

    /** Behind an exchange the job takes unaligned ones unless it is told not to. */
    private boolean isJobsOwn() {
      return unaligned || !keyed;
    }
  }

  private static final List<Variant> VARIANTS =
      List.of(
          new Variant("in-place, aligned", false, false),
          new Variant("in-place, unaligned", false, true),
          new Variant("by-key, aligned", true, false),
          new Variant("by-key, unaligned", true, true));

  /** Two requests of each sequence more: prompts wait until the end. */
  @Override
  Prompts prompts() {
    Prompts.requireAtLeast(job().parallelism(), "requests in flight", inFlight);
    Prompts.requireAtLeast(3, "seconds", seconds);
    Prompts.requireAtLeast(10, "milliseconds between checkpoints", intervalMs);
    Prompts.requireAtLeast(1, "fewest tokens of an answer", minTokens);
    int perSequence = 2 + (int) Math.ceil(seconds * tokensPerSecond / minTokens);
    return new Prompts(inFlight * perSequence, inFlight, minTokens, maxTokens, 120, 1);
  }

  @Override
  PacedSpec engine() {
    return PacedSpec.paced("checkpoints", inFlight, maxTokens, tokensPerSecond);
  }

  @Override
  BenchmarkReport<Load, Run> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException, RuntimeLoadException {
    Connection prompts =
        stack.topics("checkpoints", job().partitions(), EnumSet.of(RecordKind.PROMPTS));
    load.sendAll(stack, prompts, console);
    List<Run> runs = new ArrayList<>();
    for (Variant variant : VARIANTS) {
      Run run = run(stack, prompts, engine, variant, console);
      console.note(line(run));
      runs.add(run);
    }
    return report(engine, runs);
  }

  @Override
  List<String> details(List<Run> runs) {
    return runs.stream().map(BenchCheckpointsCommand::line).toList();
  }

  private Run run(
      BenchStack stack, Connection prompts, PacedSpec engine, Variant variant, Console console)
      throws InterruptedException, RuntimeLoadException {
    String name = variant.name().replace(", ", "-");
    Connection connection =
        stack
            .topics(
                name,
                job().partitions(),
                EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS))
            .withTopic(RecordKind.PROMPTS, prompts.topic(RecordKind.PROMPTS));
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(engine);
        BenchJob running =
            BenchJob.start(
                stack,
                name,
                connection,
                settings(variant),
                job().parallelism(),
                BenchJob.falaj(engine));
        ProgressBar progress = console.progress(variant.name(), ProgressBar.Unit.COUNT)) {
      TokensInFlight tokens = new TokensInFlight(engine, lease.runtime());
      long startNanos = System.nanoTime();
      long elapsed = 0;
      while (elapsed < Duration.ofSeconds(seconds).toNanos()) {
        tokens.sample();
        running.check();
        progress.update(Duration.ofNanos(elapsed).toSeconds(), OptionalLong.of(seconds));
        Thread.sleep(SAMPLE.toMillis());
        elapsed = System.nanoTime() - startNanos;
      }
      return summary(variant, new CheckpointHistory(stack.flink(), running.id()), tokens);
    }
  }

  private Configuration settings(Variant variant) {
    return job()
        .over(
            Map.of(
                "falaj.inference.max-in-flight",
                Integer.toString((inFlight + job().parallelism() - 1) / job().parallelism()),
                "falaj.inference.max-in-flight-tokens",
                Long.toString(1L << 30),
                "falaj.inference.result-order",
                variant.keyed() ? "KEY_ORDERED" : "UNORDERED",
                "falaj.checkpoint.interval",
                intervalMs + " ms",
                CheckpointingOptions.ENABLE_UNALIGNED.key(),
                Boolean.toString(variant.unaligned())));
  }

  private static Run summary(Variant variant, CheckpointHistory history, TokensInFlight tokens)
      throws InterruptedException {
    long pendingMs = history.pendingMs(System.currentTimeMillis());
    List<Checkpoint> completed = history.completed();
    List<Long> durations = new ArrayList<>(completed.stream().map(Checkpoint::durationMs).toList());
    if (durations.stream().allMatch(duration -> duration < pendingMs)) {
      durations.add(pendingMs); // to leave it out would hide the worst
    }
    return new Run(
        variant.name(),
        completed.size(),
        history.failed(),
        spread(durations),
        spread(completed, Checkpoint::startDelayMs),
        spread(completed, Checkpoint::syncMs),
        spread(completed, Checkpoint::asyncMs),
        size(completed, tokens),
        completed);
  }

  private static StateSize size(List<Checkpoint> completed, TokensInFlight tokens) {
    List<LinearFit.Point> points =
        completed.stream()
            .map(c -> new LinearFit.Point(tokensIn(c, tokens), c.bytes()))
            .filter(point -> point.x() > 0)
            .toList();
    if (points.stream().mapToDouble(LinearFit.Point::x).distinct().count() < 2) {
      return new StateSize(0, 0, 0, 0);
    }
    LinearFit fit = LinearFit.of(points);
    LinearFit.Point largest =
        points.stream().max(Comparator.comparingDouble(LinearFit.Point::x)).orElseThrow();
    return new StateSize((long) largest.x(), (long) largest.y(), fit.slope(), fit.intercept());
  }

  private static long tokensIn(Checkpoint checkpoint, TokensInFlight tokens) {
    return tokens.at(checkpoint.triggeredAtMs() + checkpoint.startDelayMs());
  }

  private static Spread spread(List<Checkpoint> checkpoints, ToLongFunction<Checkpoint> value) {
    return spread(checkpoints.stream().map(value::applyAsLong).toList());
  }

  private static Spread spread(List<Long> values) {
    Percentiles percentiles = Percentiles.of(values);
    return new Spread(
        percentiles.at(50).orElse(0), percentiles.at(99).orElse(0), percentiles.at(100).orElse(0));
  }

  private BenchmarkReport<Load, Run> report(PacedSpec engine, List<Run> runs) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      if (VARIANTS.get(i).isJobsOwn()) {
        Run run = runs.get(i);
        verdicts.add(
            Verdict.atMost(
                TARGET_MS, "ms of a checkpoint, p99, " + run.variant(), run.duration().p99()));
      }
    }
    return BenchmarkReport.of(
        "checkpoints",
        engine.info(),
        new Load(
            inFlight,
            tokensPerSecond,
            minTokens,
            maxTokens,
            seconds,
            intervalMs,
            job().parallelism(),
            job().settings()),
        verdicts,
        runs);
  }

  private static String line(Run run) {
    return String.format(
        Locale.ROOT,
        "  %-19s %3d checkpoints, %d failed; ms p50/p99: all %d/%d, barriers %d/%d, synchronous %d/%d,"
            + " asynchronous %d/%d; %,d bytes for %,d tokens: %.2f bytes per token and %,.0f",
        run.variant(),
        run.completed(),
        run.failed(),
        run.duration().p50(),
        run.duration().p99(),
        run.startDelay().p50(),
        run.startDelay().p99(),
        run.sync().p50(),
        run.sync().p99(),
        run.async().p50(),
        run.async().p99(),
        run.size().bytes(),
        run.size().tokensInFlight(),
        run.size().bytesPerToken(),
        run.size().fixedBytes());
  }
}
