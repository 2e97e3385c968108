package ai.falaj.operators;

import java.io.Serializable;
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
 */
public record InferenceOptions(
    int maxInFlight,
    long maxInFlightTokens,
    int defaultMaxTokens,
    ResultOrder order,
    int maxCompletionBytes,
    boolean chunks,
    RetryPolicy retry)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final InferenceOptions DEFAULT =
      new InferenceOptions(
          64, 262_144, 0, ResultOrder.UNORDERED, 1_000 << 10, true, RetryPolicy.DEFAULT);

  public InferenceOptions {
    if (maxInFlight < 1 || maxInFlightTokens < 1) {
      throw new IllegalArgumentException(
          "maxInFlight is %d and maxInFlightTokens %d; both must be 1 or more"
              .formatted(maxInFlight, maxInFlightTokens));
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
  }

  OptionalInt maxTokensDefault() {
    return defaultMaxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(defaultMaxTokens);
  }

  public InferenceOptions withMaxInFlight(int value) {
    return new InferenceOptions(
        value, maxInFlightTokens, defaultMaxTokens, order, maxCompletionBytes, chunks, retry);
  }

  public InferenceOptions withMaxInFlightTokens(long value) {
    return new InferenceOptions(
        maxInFlight, value, defaultMaxTokens, order, maxCompletionBytes, chunks, retry);
  }

  public InferenceOptions withOrder(ResultOrder value) {
    return new InferenceOptions(
        maxInFlight, maxInFlightTokens, defaultMaxTokens, value, maxCompletionBytes, chunks, retry);
  }

  public InferenceOptions withMaxCompletionBytes(int value) {
    return new InferenceOptions(
        maxInFlight, maxInFlightTokens, defaultMaxTokens, order, value, chunks, retry);
  }

  public InferenceOptions withChunks(boolean value) {
    return new InferenceOptions(
        maxInFlight, maxInFlightTokens, defaultMaxTokens, order, maxCompletionBytes, value, retry);
  }

  public InferenceOptions withRetry(RetryPolicy value) {
    return new InferenceOptions(
        maxInFlight, maxInFlightTokens, defaultMaxTokens, order, maxCompletionBytes, chunks, value);
  }
}
