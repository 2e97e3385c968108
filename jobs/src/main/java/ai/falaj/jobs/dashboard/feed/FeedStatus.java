package ai.falaj.jobs.dashboard.feed;

import java.util.Optional;
import java.util.Set;

/**
 * How reading goes.
 *
 * @param problem why nothing can be read; empty where that is not so
 * @param missing kinds whose topic does not exist
 */
public record FeedStatus(Phase phase, Optional<String> problem, Set<FeedKind> missing) {

  /** Nothing was asked of the broker yet. */
  public static final FeedStatus STARTING =
      new FeedStatus(Phase.WAITING, Optional.empty(), Set.of(FeedKind.values()));

  public FeedStatus {
    missing = Set.copyOf(missing);
  }

  /** How far reading is. */
  public enum Phase {
    /** Broker or registry do not answer. */
    WAITING("waiting"),

    /** What was there at the start is being read. */
    CATCHING_UP("catching-up"),

    /** Records are read as they come. */
    LIVE("live");

    private final String label;

    Phase(String label) {
      this.label = label;
    }

    /** As the API names it. */
    public String label() {
      return label;
    }
  }
}
