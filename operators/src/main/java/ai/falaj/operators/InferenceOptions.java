package ai.falaj.operators;

import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How an {@link InferenceOperator} behaves.
 *
 * @param maxInFlight requests that one subtask holds at once; more keeps the runtime busier, and a
 *     checkpoint larger
 * @param maxInFlightTokens estimated prompt tokens plus {@code max_tokens} of the requests that one
 *     subtask has in the runtime; a single larger request still runs, alone
 * @param defaultMaxTokens for requests that name none; 0: up to the end of the context
 * @param maxCompletionBytes a completion whose Avro body is larger becomes a dead letter; below
 *     what Kafka takes
 * @param chunks whether chunks are sent at all; requests may still decline theirs
 * @param deduplication whether a request id that was seen before is answered once; needs a stream
 *     that is keyed by {@link PromptKeys}
 * @param reuse whether equal requests are asked once; needs a stream that is keyed by {@link
 *     RequestKeys}
 * @param conversations whether what was said before is kept; needs a stream that is keyed likewise
 * @param tools whether requests may bring tools; needs a stream that is keyed likewise
 * @param maxParked requests of one subtask that wait for a tool or for their conversation's turn,
 *     beside those in flight; where there are more, prompts are read slowly
 */
public record InferenceOptions(
    int maxInFlight,
    long maxInFlightTokens,
    int defaultMaxTokens,
    ResultOrder order,
    int maxCompletionBytes,
    boolean chunks,
    RetryPolicy retry,
    Timeouts timeouts,
    CircuitBreakerPolicy circuitBreaker,
    Deduplication deduplication,
    AnswerReuse reuse,
    ConversationOptions conversations,
    ToolOptions tools,
    int maxParked)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final InferenceOptions DEFAULT = new Builder().build();

  public InferenceOptions {
    if (maxInFlight < 1 || maxInFlightTokens < 1) {
      throw new IllegalArgumentException(
          "maxInFlight is %d and maxInFlightTokens %d; both must be 1 or more"
              .formatted(maxInFlight, maxInFlightTokens));
    }
    if (maxParked < 1) {
      throw new IllegalArgumentException("maxParked is " + maxParked + "; it must be 1 or more");
    }
    if (maxCompletionBytes < 1) {
      throw new IllegalArgumentException(
          "maxCompletionBytes is " + maxCompletionBytes + "; it must be 1 or more");
    }
    if (defaultMaxTokens < 0) {
      throw new IllegalArgumentException(
          "defaultMaxTokens is " + defaultMaxTokens + "; it must be 0 (none) or more");
    }
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(retry, "retry");
    Objects.requireNonNull(timeouts, "timeouts");
    Objects.requireNonNull(circuitBreaker, "circuitBreaker");
    Objects.requireNonNull(deduplication, "deduplication");
    Objects.requireNonNull(reuse, "reuse");
    Objects.requireNonNull(conversations, "conversations");
    Objects.requireNonNull(tools, "tools");
    if (reuse.isEnabled()
        && (deduplication.isEnabled() || conversations.isEnabled() || tools.enabled())) {
      throw new IllegalArgumentException(
          "answers are reused, and deduplication, conversations or tools are on; these go by record"
              + " keys and that by request ids, so set one or the other");
    }
  }

  OptionalInt maxTokensDefault() {
    return defaultMaxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(defaultMaxTokens);
  }

  /** Starts from {@link #DEFAULT}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts from these options. */
  public Builder toBuilder() {
    return new Builder()
        .maxInFlight(maxInFlight)
        .maxInFlightTokens(maxInFlightTokens)
        .defaultMaxTokens(defaultMaxTokens)
        .order(order)
        .maxCompletionBytes(maxCompletionBytes)
        .chunks(chunks)
        .retry(retry)
        .timeouts(timeouts)
        .circuitBreaker(circuitBreaker)
        .deduplication(deduplication)
        .reuse(reuse)
        .conversations(conversations)
        .tools(tools)
        .maxParked(maxParked);
  }

  public InferenceOptions withMaxInFlight(int value) {
    return toBuilder().maxInFlight(value).build();
  }

  public InferenceOptions withMaxInFlightTokens(long value) {
    return toBuilder().maxInFlightTokens(value).build();
  }

  public InferenceOptions withOrder(ResultOrder value) {
    return toBuilder().order(value).build();
  }

  public InferenceOptions withMaxCompletionBytes(int value) {
    return toBuilder().maxCompletionBytes(value).build();
  }

  public InferenceOptions withChunks(boolean value) {
    return toBuilder().chunks(value).build();
  }

  public InferenceOptions withRetry(RetryPolicy value) {
    return toBuilder().retry(value).build();
  }

  public InferenceOptions withTimeouts(Timeouts value) {
    return toBuilder().timeouts(value).build();
  }

  public InferenceOptions withCircuitBreaker(CircuitBreakerPolicy value) {
    return toBuilder().circuitBreaker(value).build();
  }

  public InferenceOptions withDeduplication(Deduplication value) {
    return toBuilder().deduplication(value).build();
  }

  public InferenceOptions withReuse(AnswerReuse value) {
    return toBuilder().reuse(value).build();
  }

  public InferenceOptions withConversations(ConversationOptions value) {
    return toBuilder().conversations(value).build();
  }

  public InferenceOptions withTools(ToolOptions value) {
    return toBuilder().tools(value).build();
  }

  public InferenceOptions withMaxParked(int value) {
    return toBuilder().maxParked(value).build();
  }

  /** Whether prompts of one record key must meet in one subtask: what it keeps belongs to keys. */
  public boolean needKeys() {
    return deduplication.isEnabled() || conversations.isEnabled() || tools.enabled();
  }

  /** The key of the stream that a prompt belongs to, where the stream has keys. */
  Object keyOf(PromptRecord prompt) {
    return reuse.isEnabled() ? RequestKeys.of(prompt) : PromptKeys.of(prompt);
  }

  /** Collects options; {@link #build} checks them. One thread. */
  public static final class Builder {
    private int maxInFlight = 64;
    private long maxInFlightTokens = 262_144;
    private int defaultMaxTokens;
    private ResultOrder order = ResultOrder.UNORDERED;
    private int maxCompletionBytes = 1_000 << 10;
    private boolean chunks = true;
    private RetryPolicy retry = RetryPolicy.DEFAULT;
    private Timeouts timeouts = Timeouts.NONE;
    private CircuitBreakerPolicy circuitBreaker =
        new CircuitBreakerPolicy(8, Duration.ofSeconds(1), Duration.ofSeconds(30));
    private Deduplication deduplication = Deduplication.NONE;
    private AnswerReuse reuse = AnswerReuse.NONE;
    private ConversationOptions conversations = ConversationOptions.NONE;
    private ToolOptions tools = ToolOptions.NONE;
    private int maxParked = 4_096;

    private Builder() {}

    public Builder maxInFlight(int value) {
      maxInFlight = value;
      return this;
    }

    public Builder maxInFlightTokens(long value) {
      maxInFlightTokens = value;
      return this;
    }

    public Builder defaultMaxTokens(int value) {
      defaultMaxTokens = value;
      return this;
    }

    public Builder order(ResultOrder value) {
      order = value;
      return this;
    }

    public Builder maxCompletionBytes(int value) {
      maxCompletionBytes = value;
      return this;
    }

    public Builder chunks(boolean value) {
      chunks = value;
      return this;
    }

    public Builder retry(RetryPolicy value) {
      retry = value;
      return this;
    }

    public Builder timeouts(Timeouts value) {
      timeouts = value;
      return this;
    }

    public Builder circuitBreaker(CircuitBreakerPolicy value) {
      circuitBreaker = value;
      return this;
    }

    public Builder deduplication(Deduplication value) {
      deduplication = value;
      return this;
    }

    public Builder reuse(AnswerReuse value) {
      reuse = value;
      return this;
    }

    public Builder conversations(ConversationOptions value) {
      conversations = value;
      return this;
    }

    public Builder tools(ToolOptions value) {
      tools = value;
      return this;
    }

    public Builder maxParked(int value) {
      maxParked = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public InferenceOptions build() {
      return new InferenceOptions(
          maxInFlight,
          maxInFlightTokens,
          defaultMaxTokens,
          order,
          maxCompletionBytes,
          chunks,
          retry,
          timeouts,
          circuitBreaker,
          deduplication,
          reuse,
          conversations,
          tools,
          maxParked);
    }
  }
}
