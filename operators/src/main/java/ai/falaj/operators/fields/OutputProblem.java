package ai.falaj.operators.fields;

import java.util.Optional;

/**
 * What is wrong with one value.
 *
 * @param message may show a part of the model's text: it belongs beside the record, not in a log
 */
public record OutputProblem(OutputErrorCode code, String message) {

  private static final int SHOWN_CODE_POINTS = 40;

  static Optional<OutputProblem> of(OutputErrorCode code, String message) {
    return Optional.of(new OutputProblem(code, message));
  }

  /** The same problem, with the place in front. */
  OutputProblem at(String path) {
    return new OutputProblem(code, path + ": " + message);
  }

  /** As much of a text as a message should hold. */
  static String shown(String text) {
    int length = text.codePointCount(0, text.length());
    return length <= SHOWN_CODE_POINTS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN_CODE_POINTS)) + "...";
  }
}
