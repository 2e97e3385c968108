package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.load.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/**
 * Runs several ways in turn, each round with a load of its own that is the same for all, the first
 * way another one each time. Confined to one thread.
 */
final class InterleavedRounds {

  private final List<Way> ways;
  private final int clients;
  private final List<WayRound> results = new ArrayList<>();

  InterleavedRounds(List<Way> ways, int clients) {
    this.ways = List.copyOf(ways);
    this.clients = clients;
  }

  /**
   * @param workloads by the number of the round, counted from 1; 0 warms up and does not count
   */
  void run(int rounds, IntFunction<Workload> workloads, Consumer<String> progress)
      throws BenchmarkException, InterruptedException {
    Workload warmUp = workloads.apply(0);
    for (Way way : ways) {
      way.target().run(warmUp, clients);
    }
    for (int round = 1; round <= rounds; round++) {
      Workload workload = workloads.apply(round);
      for (int turn = 0; turn < ways.size(); turn++) {
        Way way = ways.get((turn + round) % ways.size());
        WayRound result =
            WayRound.of(
                round, way.name(), way.target().run(workload.first(way.maxRequests()), clients));
        results.add(result);
        progress.accept(line(rounds, result));
      }
    }
  }

  List<WayRound> results() {
    return List.copyOf(results);
  }

  /** The median, over the rounds, of one way's figure by the other's. */
  double ratio(String way, String other, ToDoubleFunction<WayRound> figure) {
    Set<Integer> rounds = new TreeSet<>(results.stream().map(WayRound::round).toList());
    return Medians.of(
        rounds.stream()
            .mapToDouble(
                round ->
                    figure.applyAsDouble(result(round, way))
                        / figure.applyAsDouble(result(round, other))));
  }

  /** The one of these ways with the most tokens per second, by the median of its rounds. */
  String fastest(List<String> names) {
    String best = names.get(0);
    for (String name : names) {
      best = speed(name) > speed(best) ? name : best;
    }
    return best;
  }

  private double speed(String way) {
    return Medians.of(
        results.stream()
            .filter(result -> result.way().equals(way))
            .mapToDouble(WayRound::tokensPerSecond));
  }

  private WayRound result(int round, String way) {
    return results.stream()
        .filter(result -> result.round() == round && result.way().equals(way))
        .findFirst()
        .orElseThrow();
  }

  private static String line(int rounds, WayRound result) {
    return String.format(
        Locale.ROOT,
        "round %d of %d, %s: %.1f tokens/s, %.2f requests/s, first token p50 %.0f ms, p95 %.0f ms",
        result.round(),
        rounds,
        result.way(),
        result.tokensPerSecond(),
        result.requestsPerSecond(),
        result.timeToFirstTokenP50Ms(),
        result.timeToFirstTokenP95Ms());
  }
}
