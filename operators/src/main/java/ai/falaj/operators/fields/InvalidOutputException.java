package ai.falaj.operators.fields;

/** Ends the reading of a text at the first thing that is wrong; never leaves the package. */
final class InvalidOutputException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient OutputProblem problem;

  InvalidOutputException(OutputProblem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  /**
   * @param path of the value, or empty for the whole text
   */
  InvalidOutputException(OutputErrorCode code, String path, String message) {
    this(new OutputProblem(code, path.isEmpty() ? message : path + ": " + message));
  }

  OutputProblem problem() {
    return problem;
  }
}
