package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedKind;
import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.feed.FeedRecord.Content;
import ai.falaj.jobs.dashboard.view.Names;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that the analytics job writes, and those that came since the last batch. Not
 * thread-safe.
 */
final class AnalyticsRows {

  private static final int MOST_ROWS = 10_000;
  private static final int MOST_NEW_ROWS = 1_000;
  private static final long MINUTE_MS = 60_000;
  private static final String WINDOW_START = "windowStart";

  private final Map<FeedKind, RowTable> tables = new EnumMap<>(FeedKind.class);
  private final Map<FeedKind, Map<String, Map<String, Object>>> news =
      new EnumMap<>(FeedKind.class);

  AnalyticsRows() {
    for (FeedKind kind : List.of(FeedKind.USAGE, FeedKind.LABELS, FeedKind.BUDGET_ALERTS)) {
      tables.put(kind, new RowTable(MOST_ROWS));
      news.put(kind, new LinkedHashMap<>());
    }
  }

  void apply(FeedRecord record) {
    String key = Names.bounded(record.key().orElse(""));
    if (record.content() instanceof Content.Tombstone) {
      tables.get(record.kind()).remove(key);
    } else if (record.content() instanceof Content.Decoded decoded) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("key", key);
      row.putAll(AvroMap.of(decoded.value()));
      tables.get(record.kind()).put(key, row);
      Map<String, Map<String, Object>> changed = news.get(record.kind());
      if (changed.size() < MOST_NEW_ROWS || changed.containsKey(key)) {
        changed.put(key, row);
      }
    }
  }

  List<Map<String, Object>> takeUsage() {
    return take(FeedKind.USAGE);
  }

  List<Map<String, Object>> takeLabels() {
    return take(FeedKind.LABELS);
  }

  List<Map<String, Object>> takeAlerts() {
    return take(FeedKind.BUDGET_ALERTS);
  }

  private List<Map<String, Object>> take(FeedKind kind) {
    List<Map<String, Object>> taken = new ArrayList<>(news.get(kind).values());
    news.get(kind).clear();
    return taken;
  }

  List<Map<String, Object>> usage(String window, String grouping, int minutes) {
    return windows(FeedKind.USAGE, window, grouping, minutes);
  }

  List<Map<String, Object>> labels(String window, String grouping, int minutes) {
    return windows(FeedKind.LABELS, window, grouping, minutes);
  }

  List<Map<String, Object>> alerts() {
    return tables.get(FeedKind.BUDGET_ALERTS).rows("reachedAt", row -> true);
  }

  private List<Map<String, Object>> windows(
      FeedKind kind, String window, String grouping, int minutes) {
    RowTable table = tables.get(kind);
    long latest = table.latest(WINDOW_START);
    if (latest == Long.MIN_VALUE) {
      return List.of();
    }
    long oldest = latest - minutes * MINUTE_MS;
    return table.rows(
        WINDOW_START,
        row ->
            row.get("window").equals(window)
                && row.get("grouping").equals(grouping)
                && (Long) row.get(WINDOW_START) > oldest);
  }
}
