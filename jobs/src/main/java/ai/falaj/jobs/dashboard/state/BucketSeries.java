package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.BucketView;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The buckets of one length, those before the latest event time only as far as they are kept. Not
 * thread-safe.
 */
final class BucketSeries {

  private final Resolution resolution;
  private final NavigableMap<Long, Bucket> buckets = new TreeMap<>();
  private final Set<Long> changed = new TreeSet<>();

  BucketSeries(Resolution resolution) {
    this.resolution = resolution;
  }

  /** Changes the bucket of that time, unless it is older than what is kept. */
  void update(long eventTimeMs, long latestEventTimeMs, Consumer<Bucket> change) {
    long oldest = start(latestEventTimeMs) - (resolution.kept() - 1L) * resolution.lengthMs();
    long start = start(eventTimeMs);
    if (start < oldest) {
      return;
    }
    change.accept(buckets.computeIfAbsent(start, time -> new Bucket()));
    changed.add(start);
    while (buckets.firstKey() < oldest) {
      changed.remove(buckets.pollFirstEntry().getKey());
    }
  }

  /** Those that changed since the last call, oldest first. */
  List<BucketView> takeChanged() {
    List<BucketView> views = new ArrayList<>(changed.size());
    changed.forEach(start -> views.add(buckets.get(start).view(start)));
    changed.clear();
    return views;
  }

  /** Those from that time on, oldest first. */
  List<BucketView> since(long eventTimeMs) {
    List<BucketView> views = new ArrayList<>();
    buckets
        .tailMap(start(eventTimeMs), true)
        .forEach((start, bucket) -> views.add(bucket.view(start)));
    return views;
  }

  /** What happened from that time on, in one. */
  Bucket sumSince(long eventTimeMs) {
    Bucket sum = new Bucket();
    buckets.tailMap(start(eventTimeMs), true).values().forEach(sum::add);
    return sum;
  }

  private long start(long timeMs) {
    return Math.floorDiv(timeMs, resolution.lengthMs()) * resolution.lengthMs();
  }
}
