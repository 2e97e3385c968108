package ai.falaj.benchmarks.remote;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.RuntimeLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Many requests at once to a server whose timing is known. The share of the ideal says what a
 * client loses, the peak of its JVM's threads what it needs. Other clients may be compared: all
 * take turns, the first one another one each round. Confined to one thread.
 */
public final class RemoteBenchmark {

  private static final double SHARE_TARGET = 0.97;
  private static final int THREADS_TARGET = 39;

  /** Nobody promised more than to be no slower. */
  private static final double RATIO_TARGET = 1;

  private final RemoteLoad load;
  private final List<RemoteClient.Factory> others;
  private final List<RemoteRound> rounds = new ArrayList<>();

  /**
   * @param others Falaj in other ways, and what it is compared with
   */
  public RemoteBenchmark(RemoteLoad load, List<RemoteClient.Factory> others) {
    this.load = load;
    this.others = List.copyOf(others);
  }

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<RemoteLoad, RemoteRound> run(Consumer<String> progress)
      throws BenchmarkException, RuntimeLoadException, InterruptedException {
    List<RemoteClient> clients = new ArrayList<>();
    try (PacedServer server = PacedServer.start(load);
        RuntimeClient runtime = RuntimeClient.connect(server.baseUrl(), load)) {
      clients.add(runtime);
      for (RemoteClient.Factory other : others) {
        clients.add(other.connect(server.baseUrl(), load));
      }
      measure(server, clients, progress);
      List<Verdict> verdicts = new ArrayList<>(ofTheRuntime());
      for (RemoteClient ours : clients) {
        clients.stream()
            .filter(other -> ours.isFalaj() && !other.isFalaj())
            .forEach(other -> verdicts.add(ratio(ours.name(), other.name())));
      }
      return BenchmarkReport.of("remote", runtime.runtime().info(), load, verdicts, rounds);
    } finally {
      clients.stream().skip(1).forEach(RemoteClient::close);
    }
  }

  private void measure(PacedServer server, List<RemoteClient> clients, Consumer<String> progress)
      throws BenchmarkException, InterruptedException {
    for (int round = 0; round <= load.rounds(); round++) {
      for (int turn = 0; turn < clients.size(); turn++) {
        RemoteClient client = clients.get((turn + round) % clients.size());
        server.takeMostRequests();
        RemoteClient.Outcome outcome = round == 0 ? client.warmUp() : client.run();
        RemoteRound measured =
            RemoteRound.of(round, client, load, server.takeMostRequests(), outcome);
        progress.accept(line(measured));
        if (round > 0) {
          rounds.add(measured);
        }
      }
    }
  }

  private List<Verdict> ofTheRuntime() {
    List<RemoteRound> own =
        rounds.stream().filter(round -> round.client().equals(RuntimeClient.NAME)).toList();
    return List.of(
        Verdict.atLeast(
            SHARE_TARGET,
            "tokens per second, %d streams, share of the server's ideal".formatted(load.streams()),
            Medians.of(own.stream().mapToDouble(RemoteRound::idealShare))),
        Verdict.atMost(
            THREADS_TARGET,
            "threads of the client's JVM, most at once",
            own.stream().mapToInt(RemoteRound::peakThreads).max().orElseThrow()));
  }

  /** Of tokens per second: those of each round by those of the same round. */
  private Verdict ratio(String ours, String other) {
    double[] ratios =
        IntStream.rangeClosed(1, load.rounds())
            .mapToDouble(round -> speed(round, ours) / speed(round, other))
            .sorted()
            .toArray();
    return Verdict.atLeast(
        RATIO_TARGET,
        String.format(
            Locale.ROOT,
            "tokens per second, %s : %s (rounds: %.3f to %.3f)",
            ours,
            other,
            ratios[0],
            ratios[ratios.length - 1]),
        Medians.of(Arrays.stream(ratios)));
  }

  private double speed(int round, String client) {
    return rounds.stream()
        .filter(measured -> measured.round() == round && measured.client().equals(client))
        .mapToDouble(RemoteRound::tokensPerSecond)
        .findFirst()
        .orElseThrow();
  }

  private static String line(RemoteRound measured) {
    return String.format(
        Locale.ROOT,
        "round %d%s, %s: %d requests, %d at once, %.0f tokens/s, %.4f of the ideal,"
            + " %d threads (%d before), first text p95 %.0f ms",
        measured.round(),
        measured.round() == 0 ? " (warm-up)" : "",
        measured.client(),
        measured.requests(),
        measured.mostAtServer(),
        measured.tokensPerSecond(),
        measured.idealShare(),
        measured.peakThreads(),
        measured.threadsBefore(),
        measured.firstTextP95Ms());
  }
}
