package ai.falaj.operators.kafka.access;

/** A broker that cannot be used. Problem and remedy are one line each and hold no secret. */
public final class BrokerAccessException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What kind of thing is wrong. */
  public enum Kind {
    /** Nobody answers: it may be down, or the network between. Worth another try. */
    UNREACHABLE,
    /** It lets this client not in: TLS, credentials or rights. Another try changes nothing. */
    REFUSED,
    /** It lacks a topic. */
    MISSING_TOPIC,
    /** The settings of the client contradict each other or name what is not there. */
    SETTINGS,
    /** Anything else that it answered. */
    OTHER
  }

  private final Kind kind;
  private final String problem;
  private final String remedy;

  BrokerAccessException(Kind kind, String problem, String remedy, Throwable cause) {
    super(problem + "; " + remedy, cause);
    this.kind = kind;
    this.problem = problem;
    this.remedy = remedy;
  }

  /** What kind of thing is wrong. */
  public Kind kind() {
    return kind;
  }

  /** What is wrong, with the address at fault. */
  public String problem() {
    return problem;
  }

  /** What to do about it, as an imperative; names settings of the Kafka client. */
  public String remedy() {
    return remedy;
  }
}
