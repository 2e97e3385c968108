package ai.falaj.jobs.dashboard.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The rows of a compacted topic: the last record of each key. Those that were written longest ago
 * give way where there are too many. Not thread-safe.
 */
final class RowTable {

  private final int limit;
  private final Map<String, Map<String, Object>> rows = new LinkedHashMap<>();

  RowTable(int limit) {
    this.limit = limit;
  }

  void put(String key, Map<String, Object> row) {
    rows.remove(key);
    rows.put(key, row);
    if (rows.size() > limit) {
      rows.remove(rows.keySet().iterator().next());
    }
  }

  void remove(String key) {
    rows.remove(key);
  }

  /**
   * Rows that match, by their start.
   *
   * @param startField of the row, in ms since 1970
   */
  List<Map<String, Object>> rows(String startField, Predicate<Map<String, Object>> matches) {
    List<Map<String, Object>> found = new ArrayList<>();
    rows.values().stream().filter(matches).forEach(found::add);
    found.sort(Comparator.comparingLong(row -> (Long) row.get(startField)));
    return found;
  }

  /** Latest start of all rows; lowest possible without any. */
  long latest(String startField) {
    return rows.values().stream()
        .mapToLong(row -> (Long) row.get(startField))
        .max()
        .orElse(Long.MIN_VALUE);
  }
}
