package ai.falaj.jobs.bench.dashboard;

import ai.falaj.benchmarks.Percentiles;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Machine;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.LocalRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.stack.StackException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Streams generations into the topics of a real broker, with a dashboard over them in a process of
 * its own and pages that look at it, and measures how old each chunk is when a page has it.
 * Confined to one thread.
 */
final class DashboardBenchmark {

  private static final double TARGET_MS = 250;
  private static final double MICROS_PER_MS = 1e3;
  private static final int PARTITIONS = 4;
  private static final long OPEN_LIMIT_SECONDS = 30;
  private static final long LIVE_LIMIT_MS = 5_000;
  private static final long DRAIN_MS = 2_000;

  /**
   * One round.
   *
   * @param chunks that were written
   * @param missing chunks that pages did not get, of all pages together
   * @param p50 milliseconds from just before a chunk is handed to the producer until a page has it
   */
  record Round(int round, int chunks, long missing, double p50, double p99, double max) {}

  private final DashboardLoad load;
  private final Path home;
  private final Path directory;

  /**
   * @param home root of the installation
   * @param directory for data and logs; made
   */
  DashboardBenchmark(DashboardLoad load, Path home, Path directory) {
    this.load = load;
    this.home = home;
    this.directory = directory;
  }

  /**
   * @param progress told a line after each round
   */
  BenchmarkReport<DashboardLoad, Round> run(Consumer<String> progress) throws InterruptedException {
    try (LocalKafka kafka =
            LocalKafka.start(
                home, directory.resolve("kafka"), directory.resolve("kafka.log"), Ports.unused());
        LocalRegistry registry =
            LocalRegistry.start(
                home,
                directory.resolve("registry"),
                directory.resolve("registry.log"),
                Ports.unused())) {
      Connection connection = Connection.of(kafka.bootstrapServers(), registry.url());
      LocalTopics.create(
          kafka.bootstrapServers(),
          Stream.of(RecordKind.values()).map(connection::topic).toList(),
          PARTITIONS);
      try (ServedDashboard dashboard = ServedDashboard.start(home, directory, connection);
          ChunkSource source = new ChunkSource(connection, load)) {
        return report(rounds(dashboard, source, progress));
      }
    }
  }

  private List<Round> rounds(
      ServedDashboard dashboard, ChunkSource source, Consumer<String> progress)
      throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      HttpClient client = HttpClient.newBuilder().executor(threads).build();
      List<OpenPage> pages =
          Stream.generate(() -> OpenPage.open(client, dashboard.url()))
              .limit(load.pages())
              .toList();
      awaitOpen(pages);
      List<Round> rounds = new ArrayList<>();
      for (int number = 1; number <= load.rounds(); number++) {
        Round round = round(number, pages, source);
        progress.accept(line(round));
        rounds.add(round);
      }
      return rounds;
    } finally {
      threads.shutdownNow();
    }
  }

  private static void awaitOpen(List<OpenPage> pages) throws InterruptedException {
    try {
      CompletableFuture.allOf(
              pages.stream().map(OpenPage::opened).toArray(CompletableFuture[]::new))
          .get(OPEN_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw StackException.failure(
          "the pages could not be opened: " + e.getMessage(), "see dashboard.log", e);
    }
    Thread.sleep(LIVE_LIMIT_MS); // the feed reads up to now before it is live
  }

  private Round round(int number, List<OpenPage> pages, ChunkSource source)
      throws InterruptedException {
    if (load.warmUpSeconds() > 0) {
      source.run(load.warmUpSeconds());
      Thread.sleep(DRAIN_MS);
      pages.forEach(OpenPage::takeAges);
    }
    int chunks = source.run(load.seconds());
    Thread.sleep(DRAIN_MS);
    List<Long> ages = new ArrayList<>();
    pages.forEach(page -> ages.addAll(page.takeAges()));
    Percentiles percentiles = Percentiles.of(ages);
    return new Round(
        number,
        chunks,
        (long) chunks * pages.size() - ages.size(),
        percentiles.at(50).orElse(0) / MICROS_PER_MS,
        percentiles.at(99).orElse(0) / MICROS_PER_MS,
        percentiles.at(100).orElse(0) / MICROS_PER_MS);
  }

  private BenchmarkReport<DashboardLoad, Round> report(List<Round> rounds) {
    double[] sorted = rounds.stream().mapToDouble(Round::p99).sorted().toArray();
    return new BenchmarkReport<>(
        "dashboard",
        LocalDate.now(ZoneOffset.UTC).toString(),
        Machine.here(),
        "no model",
        "a stream of chunks",
        load,
        List.of(
            Verdict.atMost(
                TARGET_MS,
                "ms from before a chunk is sent to its topic until %d pages have it, p99, worst round (rounds: %s)"
                    .formatted(load.pages(), Arrays.toString(sorted)),
                sorted[sorted.length - 1]),
            Verdict.atMost(
                0,
                "chunks that a page did not get",
                rounds.stream().mapToLong(Round::missing).sum())),
        rounds);
  }

  private static String line(Round round) {
    return String.format(
        Locale.ROOT,
        "round %d: %d chunks, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %d missing",
        round.round(),
        round.chunks(),
        round.p50(),
        round.p99(),
        round.max(),
        round.missing());
  }
}
