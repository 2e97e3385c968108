package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.BucketView;
import ai.falaj.jobs.dashboard.view.OverviewView.LastMinute;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What happened when, by the time that records say of themselves. The latest such time is where all
 * series end, so that a replayed hour shows as it was; a record that claims to be far ahead of the
 * clock would empty them, and is only counted. Not thread-safe.
 */
final class Timeline {

  private static final long MOST_AHEAD_MS = 300_000;
  private static final long MINUTE_MS = 60_000;
  private static final double SECONDS_OF_MINUTE = 60;

  private final Map<Resolution, BucketSeries> series = new EnumMap<>(Resolution.class);
  private long latestMs = Long.MIN_VALUE;
  private long ahead;

  Timeline() {
    for (Resolution resolution : Resolution.values()) {
      series.put(resolution, new BucketSeries(resolution));
    }
  }

  void add(Completion completion, long nowMs) {
    add(completion.getCompletedAt().toEpochMilli(), nowMs, bucket -> bucket.add(completion));
  }

  void add(DeadLetter letter, long nowMs) {
    add(letter.getFailedAt().toEpochMilli(), nowMs, bucket -> bucket.add(letter));
  }

  void add(CompletionChunk chunk, long nowMs) {
    add(chunk.getEmittedAt().toEpochMilli(), nowMs, bucket -> bucket.add(chunk));
  }

  private void add(long eventTimeMs, long nowMs, Consumer<Bucket> change) {
    if (eventTimeMs > nowMs + MOST_AHEAD_MS) {
      ahead++;
      return;
    }
    latestMs = Math.max(latestMs, eventTimeMs);
    series.values().forEach(buckets -> buckets.update(eventTimeMs, latestMs, change));
  }

  /** Records that are in no bucket because they claim to be from the future. */
  long ahead() {
    return ahead;
  }

  /** Empty before the first record. */
  OptionalLong latestMs() {
    return latestMs == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(latestMs);
  }

  /** The buckets of the last so many minutes, oldest first. */
  List<BucketView> since(Resolution resolution, int minutes) {
    return latestMs == Long.MIN_VALUE
        ? List.of()
        : series.get(resolution).since(latestMs - minutes * MINUTE_MS);
  }

  /** By resolution, what changed since the last call. */
  Map<String, List<BucketView>> takeChanged() {
    Map<String, List<BucketView>> changed = new LinkedHashMap<>();
    series.forEach((resolution, buckets) -> changed.put(resolution.label(), buckets.takeChanged()));
    return changed;
  }

  /** The 60 seconds that end with the one of the latest record. */
  LastMinute lastMinute() {
    Bucket sum =
        latestMs == Long.MIN_VALUE
            ? new Bucket()
            : series
                .get(Resolution.SECOND)
                .sumSince(latestMs - MINUTE_MS + Resolution.SECOND.lengthMs());
    BucketView view = sum.view(0);
    return new LastMinute(
        view.requests() / SECONDS_OF_MINUTE,
        view.streamedTokens() / SECONDS_OF_MINUTE,
        view.ttftP50Ms(),
        view.ttftP95Ms(),
        view.ttftP99Ms(),
        view.totalP50Ms(),
        view.totalP95Ms(),
        view.totalP99Ms());
  }
}
