package ai.falaj.jobs.enrich.rows;

import ai.falaj.schemas.ErrorCode;

/** Bytes that are no record of the input. The message holds no content. Carries no stack trace. */
public final class UnreadableRowException extends Exception {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public UnreadableRowException(ErrorCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
