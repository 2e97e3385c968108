package ai.falaj.runtime.models;

/**
 * A download that was given up. Its message is half a sentence: what happened, and what helps where
 * that is known.
 */
final class DownloadException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What may be tried next. */
  enum Kind {
    /** No answer, or the connection kept breaking: another source may do better. */
    UNREACHABLE,
    /** The server answered and will not give the file: another source may. */
    REFUSED,
    /** This machine's disk: no other source helps. */
    LOCAL
  }

  private final Kind kind;

  DownloadException(Kind kind, String message) {
    this(kind, message, null);
  }

  DownloadException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
