package ai.falaj.schemas.serde;

import ai.falaj.schemas.ErrorCode;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Bytes that are no record, and never will be: the same bytes fail again. The message is one line
 * that holds lengths, ids and names, never content. Carries no stack trace, as a topic may be full
 * of such bytes.
 */
public final class UndecodableRecordException extends SerializationException {

  private static final long serialVersionUID = 1;

  private final ErrorCode errorCode;

  public UndecodableRecordException(ErrorCode errorCode, String message) {
    super(message);
    this.errorCode = errorCode;
  }

  public UndecodableRecordException(ErrorCode errorCode, String message, Throwable cause) {
    super(message, cause);
    this.errorCode = errorCode;
  }

  /** UNDECODABLE_RECORD, UNKNOWN_SCHEMA_ID or INCOMPATIBLE_SCHEMA. */
  public ErrorCode errorCode() {
    return errorCode;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
