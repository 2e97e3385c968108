package ai.falaj.jobs.dashboard.feed;

import java.util.List;

/** Takes what is read. All calls come from the feed's thread, one after the other. */
public interface FeedSink {

  /** Records that came, in the order of each partition. */
  void records(List<FeedRecord> records);

  /** The end of a round; several a second while somebody watches. */
  void round();

  /** Reading goes otherwise than before. */
  void status(FeedStatus status);

  /** Whether somebody wants records as they come; else reading them now and then is enough. */
  boolean isWatched();
}
