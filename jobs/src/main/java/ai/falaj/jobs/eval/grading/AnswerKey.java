package ai.falaj.jobs.eval.grading;

import java.util.List;
import java.util.Objects;

/**
 * What the right answer to a problem is.
 *
 * @param expected the right answer; of a choice its letter
 * @param choices texts of the choices A, B, C ... in order; empty for the other kinds
 */
public record AnswerKey(AnswerKind kind, String expected, List<String> choices) {

  /** Choices are named by one letter of the alphabet. */
  public static final int MAX_CHOICES = 26;

  public AnswerKey {
    Objects.requireNonNull(kind, "kind");
    choices = List.copyOf(choices);
    if (expected.isBlank()) {
      throw new IllegalArgumentException("the expected answer is empty");
    }
    if (kind == AnswerKind.CHOICE) {
      requireChoice(expected, choices);
    }
  }

  /** An answer that is no choice. */
  public static AnswerKey of(AnswerKind kind, String expected) {
    return new AnswerKey(kind, expected, List.of());
  }

  private static void requireChoice(String expected, List<String> choices) {
    if (choices.size() < 2 || choices.size() > MAX_CHOICES) {
      throw new IllegalArgumentException(
          "there are " + choices.size() + " choices; there must be 2 to " + MAX_CHOICES);
    }
    if (expected.length() != 1
        || expected.charAt(0) < 'A'
        || expected.charAt(0) >= 'A' + choices.size()) {
      throw new IllegalArgumentException(
          "the right choice is " + expected + "; it must be A to " + letter(choices.size() - 1));
    }
  }

  /** Name of a choice. */
  public static String letter(int index) {
    return String.valueOf((char) ('A' + index));
  }
}
