package ai.falaj.schemas.registry;

/**
 * The registry did not do what it was asked to. The message is one line, names the registry without
 * its credentials, and the remedy.
 */
public class SchemaRegistryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What went wrong, by what happens next. Usable as a metric tag. */
  public enum Kind {
    /**
     * No answer, or an answer that says "later" (timeouts, 5xx, 429). The same call may succeed.
     */
    UNREACHABLE(true),
    /** The registry does not hold the schema. */
    NOT_FOUND(false),
    /** The subject's rules refuse the schema, or the schema is of no use here. */
    INCOMPATIBLE(false),
    /** Wrong or missing credentials, or no permission. */
    UNAUTHORIZED(false),
    /** Anything else; it needs a person. */
    OTHER(false);

    private final boolean retryable;

    Kind(boolean retryable) {
      this.retryable = retryable;
    }
  }

  private final Kind kind;

  public SchemaRegistryException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public SchemaRegistryException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same call may succeed later, with nothing changed by a person. */
  public boolean retryable() {
    return kind.retryable;
  }
}
