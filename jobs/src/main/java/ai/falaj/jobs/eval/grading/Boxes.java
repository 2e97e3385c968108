package ai.falaj.jobs.eval.grading;

import java.util.Optional;

/** Boxed answers in texts of mathematics. Pure. */
public final class Boxes {

  private Boxes() {}

  /**
   * What the last closed and filled {@code \boxed{}} or {@code \fbox{}} holds; empty where there is
   * none.
   */
  public static Optional<String> last(String text) {
    return LatexBraces.lastArgument(text, "\\boxed")
        .or(() -> LatexBraces.lastArgument(text, "\\fbox"))
        .map(String::strip);
  }
}
