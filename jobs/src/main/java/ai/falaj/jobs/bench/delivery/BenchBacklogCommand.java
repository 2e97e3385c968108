package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.delivery.HeapThirds;
import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench backlog}: whether memory stays bounded while far more prompts wait than a slow
 * engine answers. JobManager and TaskManager are in this JVM, so its heap is theirs.
 */
@Command(
    name = "backlog",
    description = "Watch the heap while very many prompts wait for a slow engine.",
    sortOptions = false)
public final class BenchBacklogCommand
    extends JobBenchmarkCommand<BenchBacklogCommand.Load, BenchBacklogCommand.Observed> {

  private static final double GROWTH_TARGET = 1.1;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final double BYTES_PER_MEBIBYTE = 1 << 20;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Prompts that wait (default: ${DEFAULT-VALUE}).")
  private int prompts;

  @Option(
      names = "--prompt-chars",
      paramLabel = "N",
      defaultValue = "500",
      description = "Characters of a prompt (default: ${DEFAULT-VALUE}).")
  private int promptChars;

  @Option(
      names = "--minutes",
      paramLabel = "MINUTES",
      defaultValue = "10",
      description = "How long the job runs (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--gc-every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Time between two collections (default: ${DEFAULT-VALUE}).")
  private double gcEverySeconds;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Sequences that the engine runs at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      defaultValue = "20",
      description = "Of each sequence (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens of a completion (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  /** What was run. */
  record Load(
      int prompts,
      int promptChars,
      double minutes,
      int sequences,
      double tokensPerSecond,
      int newTokens,
      int parallelism,
      int partitions,
      Map<String, String> settings) {}

  /**
   * What was seen.
   *
   * @param heapBytes after each collection, in order of time
   * @param mostInFlight requests in the engine, running or waiting there
   * @param answered completions in the topic, those of the open transaction included
   */
  record Observed(
      List<Long> heapBytes, HeapThirds heap, int mostInFlight, int restarts, long answered) {}

  @Override
  Prompts prompts() {
    if (!(gcEverySeconds > 0) || !(minutes * 60 / gcEverySeconds >= 3)) {
      throw new IllegalArgumentException(
          "%s minutes with a collection every %s s are too short; leave room for three"
              .formatted(minutes, gcEverySeconds));
    }
    return new Prompts(prompts, 0, newTokens, newTokens, promptChars, 1);
  }

  @Override
  PacedSpec engine() {
    return PacedSpec.paced("backlog", sequences, newTokens, tokensPerSecond);
  }

  @Override
  BenchmarkReport<Load, Observed> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException, RuntimeLoadException {
    Configuration settings =
        job()
            .over(
                Map.of(
                    "restart-strategy.type",
                    "fixed-delay",
                    "restart-strategy.fixed-delay.attempts",
                    Integer.toString(Integer.MAX_VALUE)));
    Connection connection =
        stack.topics("backlog", job().partitions(), EnumSet.allOf(RecordKind.class));
    load.sendAll(stack, connection, console);
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(engine);
        BenchJob running =
            BenchJob.start(
                stack,
                "backlog",
                connection,
                settings,
                job().parallelism(),
                BenchJob.falaj(engine))) {
      TokensInFlight inFlight = new TokensInFlight(engine, lease.runtime());
      List<Long> heap = watch(running, inFlight, console);
      Observed observed =
          new Observed(
              heap,
              HeapThirds.of(heap),
              inFlight.mostRequests(),
              restarts(stack, running),
              new ResultLog(stack, connection, running).appended());
      int bound = job().parallelism() * settings.get(CompletionOptions.MAX_IN_FLIGHT);
      return report(engine, observed, bound);
    }
  }

  @Override
  List<String> details(List<Observed> watched) {
    Observed observed = watched.get(0);
    return List.of(
        line("first third", observed.heap().first()),
        line("last third", observed.heap().last()),
        String.format(
            Locale.ROOT, "  %,d of %,d prompts were answered", observed.answered(), prompts));
  }

  private List<Long> watch(BenchJob running, TokensInFlight inFlight, Console console)
      throws InterruptedException {
    List<Long> heap = new ArrayList<>();
    long startNanos = System.nanoTime();
    long lengthNanos = (long) (minutes * 60e9);
    long gcNanos = (long) (gcEverySeconds * 1e9);
    try (ProgressBar progress = console.progress("watching", ProgressBar.Unit.COUNT)) {
      long elapsed = 0;
      while (elapsed < lengthNanos) {
        Thread.sleep(LOOK.toMillis());
        running.check();
        inFlight.sample();
        elapsed = System.nanoTime() - startNanos;
        if (elapsed >= gcNanos * (heap.size() + 1)) {
          System.gc();
          heap.add(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        progress.update(
            Duration.ofNanos(elapsed).toSeconds(),
            OptionalLong.of(Duration.ofNanos(lengthNanos).toSeconds()));
      }
    }
    return heap;
  }

  private static int restarts(BenchStack stack, BenchJob running) throws InterruptedException {
    JsonNode metrics = stack.flink().get("/jobs/" + running.id() + "/metrics?get=numRestarts");
    return metrics.path(0).path("value").asInt();
  }

  private BenchmarkReport<Load, Observed> report(
      PacedSpec engine, Observed observed, int inFlightBound) {
    return BenchmarkReport.of(
        "backlog",
        engine.info(),
        new Load(
            prompts,
            promptChars,
            minutes,
            sequences,
            tokensPerSecond,
            newTokens,
            job().parallelism(),
            job().partitions(),
            job().settings()),
        List.of(
            Verdict.atMost(
                GROWTH_TARGET,
                "heap after collections, last third : first third",
                observed.heap().growth()),
            Verdict.atMost(0, "restarts", observed.restarts()),
            Verdict.atMost(inFlightBound, "most requests in flight", observed.mostInFlight())),
        List.of(observed));
  }

  private static String line(String name, HeapThirds.Range heap) {
    return String.format(
        Locale.ROOT,
        "  heap after collections, %-11s min %.1f, median %.1f, max %.1f MiB",
        name,
        heap.min() / BYTES_PER_MEBIBYTE,
        heap.median() / BYTES_PER_MEBIBYTE,
        heap.max() / BYTES_PER_MEBIBYTE);
  }
}
