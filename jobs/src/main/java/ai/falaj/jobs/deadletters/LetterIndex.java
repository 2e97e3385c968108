package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.ErrorCode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The dead letters that a filter matched, as of the time the topic was read. Immutable.
 *
 * @param letters oldest first, whatever their state
 * @param undecodable records of the topic that are neither dead letters nor marks
 */
record LetterIndex(List<Letter> letters, long undecodable) {

  LetterIndex {
    letters = letters.stream().sorted(Letter.OLDEST_FIRST).toList();
  }

  List<Letter> in(LetterState state) {
    return letters.stream().filter(letter -> letter.state() == state).toList();
  }

  /** How many there are of each code, most first. */
  static Map<ErrorCode, Long> byCode(List<Letter> letters) {
    Map<ErrorCode, Long> counts =
        letters.stream().collect(Collectors.groupingBy(Letter::code, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<ErrorCode, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }
}
