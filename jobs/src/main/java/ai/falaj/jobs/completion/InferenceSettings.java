package ai.falaj.jobs.completion;

import ai.falaj.operators.CircuitBreakerPolicy;
import ai.falaj.operators.Deduplication;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.RetryPolicy;
import ai.falaj.operators.Timeouts;
import ai.falaj.operators.ToolOptions;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Reads and checks the options of the inference operator. Stateless. */
final class InferenceSettings {

  /** Of Kafka's producer, in the words of its configuration. */
  private static final String DEFAULT_MAX_REQUEST_BYTES = "1048576";

  /** Key, headers and framing of a record beside its value. */
  private static final int RECORD_OVERHEAD_BYTES = 16 << 10;

  private InferenceSettings() {}

  /**
   * @param kafka properties of the job's Kafka clients
   * @throws IllegalArgumentException with one line that names option, value and remedy
   */
  static InferenceOptions from(ReadableConfig config, Map<String, String> kafka) {
    requirePositive(config, CompletionOptions.MAX_IN_FLIGHT);
    requirePositive(config, CompletionOptions.MAX_IN_FLIGHT_TOKENS);
    requirePositive(config, FailureOptions.RETRY_MAX_ATTEMPTS);
    requirePositive(config, CompletionOptions.CONTEXT_TOKENS);
    requirePositive(config, CompletionOptions.MAX_SEQUENCES);
    requirePositive(config, DialogueOptions.CONVERSATION_TOKENS);
    requirePositive(config, DialogueOptions.SUMMARY_TOKENS);
    requirePositive(config, DialogueOptions.TOOLS_MAX_ROUNDS);
    requirePositive(config, DialogueOptions.MAX_PARKED);
    return InferenceOptions.builder()
        .maxInFlight(config.get(CompletionOptions.MAX_IN_FLIGHT))
        .maxInFlightTokens(config.get(CompletionOptions.MAX_IN_FLIGHT_TOKENS))
        .defaultMaxTokens(defaultMaxTokens(config))
        .order(config.get(CompletionOptions.RESULT_ORDER))
        .maxCompletionBytes(maxCompletionBytes(config, kafka))
        .chunks(config.get(CompletionOptions.CHUNKS_ENABLED))
        .retry(retry(config))
        .timeouts(
            new Timeouts(
                notNegative(config, FailureOptions.ATTEMPT_TIMEOUT),
                notNegative(config, FailureOptions.TOTAL_TIMEOUT)))
        .circuitBreaker(circuitBreaker(config))
        .deduplication(
            new Deduplication(
                notNegative(config, FailureOptions.DEDUPLICATION_TIME),
                config.get(FailureOptions.DEDUPLICATION_ANSWER_AGAIN)))
        .conversations(ConversationSettings.from(config))
        .tools(
            new ToolOptions(
                config.get(DialogueOptions.TOOLS_ENABLED),
                positive(config, DialogueOptions.TOOLS_TIMEOUT),
                config.get(DialogueOptions.TOOLS_MAX_ROUNDS),
                config.get(DialogueOptions.TOOLS_ON_TIMEOUT)))
        .maxParked(config.get(DialogueOptions.MAX_PARKED))
        .build();
  }

  private static int defaultMaxTokens(ReadableConfig config) {
    int tokens = config.get(CompletionOptions.DEFAULT_MAX_TOKENS);
    if (tokens < 0) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 0 (the context's end) or more"
              .formatted(CompletionOptions.DEFAULT_MAX_TOKENS.key(), tokens));
    }
    return tokens;
  }

  private static RetryPolicy retry(ReadableConfig config) {
    requireAtMost(config, FailureOptions.RETRY_INITIAL_BACKOFF, FailureOptions.RETRY_MAX_BACKOFF);
    return new RetryPolicy(
        config.get(FailureOptions.RETRY_MAX_ATTEMPTS),
        notNegative(config, FailureOptions.RETRY_INITIAL_BACKOFF),
        config.get(FailureOptions.RETRY_MAX_BACKOFF));
  }

  private static CircuitBreakerPolicy circuitBreaker(ReadableConfig config) {
    int failures = config.get(FailureOptions.BREAKER_FAILURES);
    if (failures < 0) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 0 (never) or more"
              .formatted(FailureOptions.BREAKER_FAILURES.key(), failures));
    }
    Duration first = positive(config, FailureOptions.BREAKER_FIRST_WAIT);
    requireAtMost(config, FailureOptions.BREAKER_FIRST_WAIT, FailureOptions.BREAKER_LONGEST_WAIT);
    return new CircuitBreakerPolicy(
        failures, first, config.get(FailureOptions.BREAKER_LONGEST_WAIT));
  }

  private static int maxCompletionBytes(ReadableConfig config, Map<String, String> kafka) {
    MemorySize size = config.get(CompletionOptions.MAX_COMPLETION_SIZE);
    String requestSize =
        kafka.getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_REQUEST_BYTES);
    long producerTakes;
    try {
      producerTakes = Integer.parseInt(requestSize.strip()) - RECORD_OVERHEAD_BYTES;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s%s is '%s'; it must be a number of bytes"
              .formatted(
                  CompletionOptions.KAFKA_PROPERTIES_PREFIX,
                  ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                  requestSize),
          e);
    }
    if (size.getBytes() < 1 || size.getBytes() > producerTakes) {
      throw new IllegalArgumentException(
          "%s is %d bytes and the Kafka producer takes %d; lower the first, or raise %s%s"
              .formatted(
                  CompletionOptions.MAX_COMPLETION_SIZE.key(),
                  size.getBytes(),
                  producerTakes,
                  CompletionOptions.KAFKA_PROPERTIES_PREFIX,
                  ProducerConfig.MAX_REQUEST_SIZE_CONFIG));
    }
    return (int) size.getBytes();
  }

  private static void requireAtMost(
      ReadableConfig config, ConfigOption<Duration> first, ConfigOption<Duration> second) {
    if (config.get(first).compareTo(config.get(second)) > 0) {
      throw CompletionSettings.conflict(
          first,
          config.get(first),
          second,
          config.get(second),
          "raise the second to at least the first");
    }
  }

  static Duration notNegative(ReadableConfig config, ConfigOption<Duration> option) {
    Duration value = config.get(option);
    if (value.isNegative()) {
      throw new IllegalArgumentException(
          "%s is %s; it must be 0 or more".formatted(option.key(), value));
    }
    return value;
  }

  private static Duration positive(ReadableConfig config, ConfigOption<Duration> option) {
    Duration value = notNegative(config, option);
    if (value.isZero()) {
      throw new IllegalArgumentException(option.key() + " is 0; it must be more");
    }
    return value;
  }

  private static <N extends Number> void requirePositive(
      ReadableConfig config, ConfigOption<N> option) {
    N value = config.get(option);
    if (value.longValue() < 1) {
      throw new IllegalArgumentException(option.key() + " is " + value + "; it must be 1 or more");
    }
  }
}
