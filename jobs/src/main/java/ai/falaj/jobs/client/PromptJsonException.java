package ai.falaj.jobs.client;

/** JSON that is no prompt. The message names the field, its value and what it must be. */
public final class PromptJsonException extends Exception {

  private static final long serialVersionUID = 1L;

  PromptJsonException(String message) {
    super(message);
  }

  private PromptJsonException(String message, PromptJsonException cause) {
    super(message, cause);
  }

  /** The same problem with its place in a file, counted from 1. */
  PromptJsonException atLine(long line) {
    return new PromptJsonException("line " + line + ": " + getMessage(), this);
  }
}
