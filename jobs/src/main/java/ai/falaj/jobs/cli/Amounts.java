package ai.falaj.jobs.cli;

import java.util.Locale;

/** Writes sizes and counts for people, in decimal units. */
final class Amounts {

  private Amounts() {}

  /** Such as {@code 98 MB} or {@code 19.9 GB}. */
  static String bytes(long bytes) {
    if (bytes >= 1_000_000_000L) {
      return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
    return String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
  }

  /** Such as {@code 135M} or {@code 32.8B}. */
  static String count(long count) {
    if (count >= 1_000_000_000L) {
      return String.format(Locale.ROOT, "%.1fB", count / 1e9);
    }
    return String.format(Locale.ROOT, "%.0fM", count / 1e6);
  }
}
