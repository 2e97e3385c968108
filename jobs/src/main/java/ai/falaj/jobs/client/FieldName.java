package ai.falaj.jobs.client;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that a misspelled one was meant to be. */
final class FieldName {

  private FieldName() {}

  /**
   * The known name with the fewest differences from the unknown one, where it is near enough to
   * have been meant: at most one difference per three letters, or two. A name that contains the
   * unknown one, or is contained in it, is near as well.
   */
  static Optional<String> nearest(String unknown, Collection<String> known) {
    int limit = Math.max(2, unknown.length() / 3);
    Optional<String> nearest =
        known.stream()
            .filter(name -> distance(unknown, name) <= limit)
            .min(Comparator.comparingInt(name -> distance(unknown, name)));
    return nearest.or(
        () ->
            known.stream()
                .filter(name -> name.length() > 2 && unknown.length() > 2)
                .filter(name -> name.contains(unknown) || unknown.contains(name))
                .findFirst());
  }

  /** Levenshtein distance, case ignored. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        int replace = previous[j - 1] + (same ? 0 : 1);
        current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
