package ai.falaj.benchmarks.remote;

/**
 * What is asked of the paced server.
 *
 * @param streams that are open at once
 * @param requestsPerStream that each of them makes, one after the other
 * @param tokens of each answer
 * @param firstTokenMs from a request to its first token
 * @param perTokenMs from a token to the next
 * @param rounds that count, after one that warms up
 */
public record RemoteLoad(
    int streams, int requestsPerStream, int tokens, int firstTokenMs, int perTokenMs, int rounds) {

  /**
   * @throws IllegalArgumentException naming what is out of its range
   */
  public RemoteLoad {
    if (streams < 1 || requestsPerStream < 1 || tokens < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "%d streams, %d requests each, %d tokens and %d rounds; they must be 1 or more"
              .formatted(streams, requestsPerStream, tokens, rounds));
    }
    if (firstTokenMs < 0 || perTokenMs < 0) {
      throw new IllegalArgumentException(
          "%d ms to the first token and %d per token; they must be 0 or more"
              .formatted(firstTokenMs, perTokenMs));
    }
  }

  /** What every request says, after {@link #SYSTEM_PROMPT}. */
  public static final String PROMPT = "Tell me about water channels.";

  public static final String SYSTEM_PROMPT = "You are a helpful assistant.";

  /** What arrives where all streams are always open and the client costs no time at all. */
  public double idealTokensPerSecond() {
    return 1e9 * streams * tokens / dueNanos(tokens);
  }

  /** The text of each answer. */
  public String answer() {
    return PacedAnswer.WORD.repeat(tokens);
  }

  /** When a token is due since the request came; the first is number 1. */
  long dueNanos(int token) {
    return (firstTokenMs + (token - 1L) * perTokenMs) * 1_000_000;
  }

  /** Requests of a round. */
  public int totalRequests() {
    return streams * requestsPerStream;
  }

  /** Tokens of a round. */
  public long totalTokens() {
    return (long) totalRequests() * tokens;
  }
}
