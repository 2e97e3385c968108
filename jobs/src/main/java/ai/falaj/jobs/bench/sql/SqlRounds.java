package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.report.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The ways take turns over the same records, the first one another one each round. Confined to one
 * thread.
 */
final class SqlRounds {

  private final SqlLoad load;
  private final List<SqlWay> ways;
  private final List<SqlRound> rounds = new ArrayList<>();

  /**
   * @param ways the engine alone among them
   */
  SqlRounds(SqlLoad load, List<SqlWay> ways) {
    this.load = load;
    this.ways = List.copyOf(ways);
  }

  /**
   * @param progress told a line after each turn
   */
  void run(Consumer<String> progress) throws BenchmarkException, InterruptedException {
    RecordTexts texts = new RecordTexts(load.seed());
    for (int round = 0; round <= load.rounds(); round++) {
      RecordBatch batch = batch(texts, round);
      Map<String, SqlWay.Answers> answers = new HashMap<>();
      for (int turn = 0; turn < ways.size(); turn++) {
        SqlWay way = ways.get((turn + round) % ways.size());
        answers.put(way.name(), way.run(batch));
        progress.accept(line(round, way, answers.get(way.name())));
      }
      if (round > 0) {
        add(round, answers);
      }
    }
  }

  List<SqlRound> results() {
    return List.copyOf(rounds);
  }

  /** Round 0 warms up with a few records for each slot. */
  private RecordBatch batch(RecordTexts texts, int round) {
    RecordBatch batch = texts.batch(load.records(), load.instructionWords(), load.recordWords());
    return round == 0 ? batch.first(2 * load.sequences()) : batch;
  }

  private void add(int round, Map<String, SqlWay.Answers> answers) {
    List<String> engine = answers.get(EngineWay.NAME).answers();
    for (SqlWay way : ways) {
      rounds.add(SqlRound.of(round, way.name(), answers.get(way.name()), engine));
    }
  }

  /**
   * One way against another, round by round.
   *
   * @param target of the median of the rounds' ratios
   */
  Verdict ratio(String way, String other, double target) {
    double[] ratios =
        IntStream.rangeClosed(1, load.rounds())
            .mapToDouble(round -> speed(round, way) / speed(round, other))
            .sorted()
            .toArray();
    return Verdict.atLeast(
        target,
        String.format(
            Locale.ROOT,
            "records per second, %s : %s (rounds: %.3f to %.3f)",
            way,
            other,
            ratios[0],
            ratios[ratios.length - 1]),
        Medians.of(Arrays.stream(ratios)));
  }

  private double speed(int round, String way) {
    return rounds.stream()
        .filter(measured -> measured.round() == round && measured.way().equals(way))
        .mapToDouble(SqlRound::recordsPerSecond)
        .findFirst()
        .orElseThrow();
  }

  private static String line(int round, SqlWay way, SqlWay.Answers answers) {
    return String.format(
        Locale.ROOT,
        "round %d%s, %s: %d records, %.2f records/s",
        round,
        round == 0 ? " (warm-up)" : "",
        way.name(),
        answers.answers().size(),
        1e3 * answers.answers().size() / answers.wallMs());
  }
}
