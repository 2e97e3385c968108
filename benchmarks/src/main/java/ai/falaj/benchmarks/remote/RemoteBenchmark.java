package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.remote.RemotePreset;
import ai.falaj.runtime.remote.RemoteSpec;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Many streams at once from a server whose timing is known. The share of the ideal says what the
 * client loses, the peak of the JVM's threads what it needs. Confined to one thread.
 */
public final class RemoteBenchmark {

  private static final double SHARE_TARGET = 0.97;
  private static final int THREADS_TARGET = 39;

  private final RemoteLoad load;

  public RemoteBenchmark(RemoteLoad load) {
    this.load = load;
  }

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<RemoteLoad, RemoteRound> run(Consumer<String> progress)
      throws BenchmarkException, RuntimeLoadException, InterruptedException {
    try (PacedServer server = PacedServer.start(load);
        ModelRuntime runtime = spec(server).open()) {
      List<RemoteRound> rounds = new ArrayList<>();
      for (int round = 0; round <= load.rounds(); round++) {
        RemoteRound measured = measure(runtime, round);
        progress.accept(
            String.format(
                Locale.ROOT,
                "round %d%s: %.0f tokens/s, %.4f of the ideal, %d threads",
                round,
                round == 0 ? " (warm-up)" : "",
                measured.tokensPerSecond(),
                measured.idealShare(),
                measured.peakThreads()));
        if (round > 0) {
          rounds.add(measured);
        }
      }
      return BenchmarkReport.of(
          "remote",
          runtime.info(),
          load,
          List.of(
              Verdict.atLeast(
                  SHARE_TARGET,
                  "tokens per second, %d streams, share of the server's ideal"
                      .formatted(load.streams()),
                  Medians.of(rounds.stream().mapToDouble(RemoteRound::idealShare))),
              Verdict.atMost(
                  THREADS_TARGET,
                  "threads of the client's JVM, most at once",
                  rounds.stream().mapToInt(RemoteRound::peakThreads).max().orElseThrow())),
          rounds);
    }
  }

  private RemoteSpec spec(PacedServer server) {
    return RemoteSpec.builder(RemotePreset.VLLM, "paced")
        .baseUrl(server.baseUrl())
        .concurrency(AdaptiveLimit.Bounds.fixed(load.streams()))
        .checkAtOpen(false)
        .build();
  }

  private RemoteRound measure(ModelRuntime runtime, int round)
      throws BenchmarkException, InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    threads.resetPeakThreadCount();
    StreamsRun run = new StreamsRun(runtime, load);
    double wallMs = run.awaitEnd();
    return new RemoteRound(
        round,
        wallMs,
        1_000 * load.totalTokens() / wallMs,
        load.idealMs() / wallMs,
        threads.getPeakThreadCount(),
        run.firstTokenP95Ms());
  }
}
