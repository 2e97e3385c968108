package ai.falaj.jobs.bench.sql;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What one way did in one round.
 *
 * @param round counted from 1
 * @param wallMs from handing over the first record to the last answer
 * @param recordsPerSecond records by that time
 * @param charactersPerAnswer on average: that no way saves work by shorter answers
 * @param sameAnswers share of the records whose answer is the engine's, letter by letter
 */
public record SqlRound(
    int round,
    String way,
    int records,
    double wallMs,
    double recordsPerSecond,
    double charactersPerAnswer,
    double sameAnswers) {

  private static final double MILLIS_PER_SECOND = 1e3;

  static SqlRound of(int round, String way, SqlWay.Answers answers, List<String> engine) {
    int records = answers.answers().size();
    long same =
        IntStream.range(0, records)
            .filter(index -> answers.answers().get(index).equals(engine.get(index)))
            .count();
    return new SqlRound(
        round,
        way,
        records,
        answers.wallMs(),
        MILLIS_PER_SECOND * records / answers.wallMs(),
        answers.answers().stream().mapToInt(String::length).average().orElseThrow(),
        (double) same / records);
  }
}
