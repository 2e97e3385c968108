package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;

/** Where a record was read. */
record FeedRecordPlace(String topic, int partition, long offset, long timestampMs) {

  static FeedRecordPlace of(FeedRecord record) {
    return new FeedRecordPlace(
        record.topic(), record.partition(), record.offset(), record.timestampMs());
  }
}
