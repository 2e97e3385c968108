package ai.falaj.jobs.dashboard.state;

import java.util.Optional;

/** Lengths of buckets, and how many of each are kept. */
public enum Resolution {
  SECOND("1s", 1_000, 900),
  TEN_SECONDS("10s", 10_000, 720),
  MINUTE("1m", 60_000, 1_440);

  private final String label;
  private final long lengthMs;
  private final int kept;

  Resolution(String label, long lengthMs, int kept) {
    this.label = label;
    this.lengthMs = lengthMs;
    this.kept = kept;
  }

  /** As the API names it. */
  public String label() {
    return label;
  }

  public long lengthMs() {
    return lengthMs;
  }

  int kept() {
    return kept;
  }

  /** The one with that label. */
  public static Optional<Resolution> of(String label) {
    for (Resolution resolution : values()) {
      if (resolution.label.equals(label)) {
        return Optional.of(resolution);
      }
    }
    return Optional.empty();
  }
}
