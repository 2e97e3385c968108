package ai.falaj.jobs.sql;

/** A statement failed. The message is one line that names the script's line and what is wrong. */
final class SqlScriptException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean mistake;

  SqlScriptException(String message, boolean mistake, Throwable cause) {
    super(message, cause);
    this.mistake = mistake;
  }

  /** Whether the statement is wrong, or what it names cannot be had; else a job failed. */
  boolean isMistake() {
    return mistake;
  }
}
