package ai.falaj.jobs.eval.data;

/** A line of a data set is no problem. The message names the field, and the remedy after "; ". */
final class ProblemFormatException extends Exception {

  private static final long serialVersionUID = 1L;

  ProblemFormatException(String message) {
    super(message);
  }
}
