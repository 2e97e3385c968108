package ai.falaj.jobs.completion;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.RetryPolicy;
import ai.falaj.schemas.registry.RegistryConfig;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The options of a {@link CompletionJob}, checked against each other. Holds secrets where the Kafka
 * or registry settings do, so it has no useful string form.
 *
 * @param kafkaProperties settings for all Kafka clients, but for those that have an option
 */
public record CompletionSettings(
    String jobName,
    String bootstrapServers,
    RegistryConfig registry,
    boolean autoRegisterSchemas,
    String promptsTopic,
    String chunksTopic,
    String completionsTopic,
    String deadLettersTopic,
    String groupId,
    StartingOffsets startingOffsets,
    InferenceOptions inference,
    DeliveryGuarantee chunksDelivery,
    DeliveryGuarantee delivery,
    Duration transactionTimeout,
    Duration checkpointInterval,
    Map<String, String> kafkaProperties) {

  /** Kafka settings that would contradict an option of the job, and that option. */
  private static final Map<String, String> OWNED_KAFKA_PROPERTIES =
      Map.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, CompletionOptions.BOOTSTRAP_SERVERS.key(),
          ConsumerConfig.GROUP_ID_CONFIG, CompletionOptions.GROUP_ID.key(),
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, CompletionOptions.STARTING_OFFSETS.key(),
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, CompletionOptions.TRANSACTION_TIMEOUT.key(),
          ProducerConfig.TRANSACTIONAL_ID_CONFIG, CompletionOptions.JOB_NAME.key());

  /** Of Kafka's producer, in the words of its configuration. */
  private static final String DEFAULT_MAX_REQUEST_BYTES = "1048576";

  /** Key, headers and framing of a record beside its value. */
  private static final int RECORD_OVERHEAD_BYTES = 16 << 10;

  public CompletionSettings {
    kafkaProperties = Map.copyOf(kafkaProperties);
  }

  /**
   * Reads and checks the options of a job. Connects to nothing.
   *
   * @throws IllegalArgumentException with one line that names the values in conflict and the remedy
   */
  public static CompletionSettings from(ReadableConfig config) {
    checkForMisspeltOptions(config);
    Map<String, String> kafka = withPrefix(config, CompletionOptions.KAFKA_PROPERTIES_PREFIX);
    CompletionSettings settings =
        new CompletionSettings(
            config.get(CompletionOptions.JOB_NAME),
            required(config, CompletionOptions.BOOTSTRAP_SERVERS, "localhost:9092"),
            registry(config),
            config.get(CompletionOptions.SCHEMA_AUTO_REGISTER),
            config.get(CompletionOptions.PROMPTS_TOPIC),
            config.get(CompletionOptions.CHUNKS_TOPIC),
            config.get(CompletionOptions.COMPLETIONS_TOPIC),
            config.get(CompletionOptions.DEAD_LETTERS_TOPIC),
            config.get(CompletionOptions.GROUP_ID),
            config.get(CompletionOptions.STARTING_OFFSETS),
            inference(config),
            config.get(CompletionOptions.CHUNKS_DELIVERY),
            config.get(CompletionOptions.DELIVERY),
            config.get(CompletionOptions.TRANSACTION_TIMEOUT),
            checkpointInterval(config),
            kafka);
    settings.check(config.get(CompletionOptions.CONTEXT_TOKENS));
    return settings;
  }

  /** A misspelt option would silently leave its default in force. */
  private static void checkForMisspeltOptions(ReadableConfig config) {
    Set<String> known =
        Stream.concat(CompletionOptions.all().stream(), TenantOptions.documented().stream())
            .map(ConfigOption::key)
            .collect(Collectors.toSet());
    for (String key : new TreeMap<>(config.toMap()).keySet()) {
      if (key.startsWith(CompletionOptions.PREFIX)
          && !known.contains(key)
          && !TenantOptions.isOption(key)
          && !key.startsWith(CompletionOptions.KAFKA_PROPERTIES_PREFIX)
          && !key.startsWith(CompletionOptions.REGISTRY_PROPERTIES_PREFIX)) {
        throw new IllegalArgumentException(
            "%s is no option of this job; did you mean %s?".formatted(key, closest(key, known)));
      }
    }
  }

  /** The option that begins most like it. */
  private static String closest(String key, Set<String> known) {
    return known.stream()
        .max(
            Comparator.<String>comparingInt(option -> commonPrefixLength(key, option))
                .thenComparing(Comparator.reverseOrder()))
        .orElseThrow();
  }

  private static int commonPrefixLength(String a, String b) {
    int length = 0;
    while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    return length;
  }

  /** The value of an option that has no default. */
  static String required(ReadableConfig config, ConfigOption<String> option, String example) {
    Optional<String> value = config.getOptional(option).filter(text -> !text.isBlank());
    return value.orElseThrow(
        () ->
            new IllegalArgumentException(
                option.key() + " is not set; set it, for example to " + example));
  }

  private static RegistryConfig registry(ReadableConfig config) {
    Map<String, String> properties =
        new HashMap<>(withPrefix(config, CompletionOptions.REGISTRY_PROPERTIES_PREFIX));
    properties.put(
        RegistryConfig.URL,
        required(config, CompletionOptions.SCHEMA_REGISTRY_URL, "http://localhost:8081"));
    return RegistryConfig.fromProperties(properties);
  }

  private static InferenceOptions inference(ReadableConfig config) {
    requirePositive(config, CompletionOptions.MAX_IN_FLIGHT);
    requirePositive(config, CompletionOptions.MAX_IN_FLIGHT_TOKENS);
    requirePositive(config, CompletionOptions.RETRY_MAX_ATTEMPTS);
    requirePositive(config, CompletionOptions.CONTEXT_TOKENS);
    requirePositive(config, CompletionOptions.MAX_SEQUENCES);
    Duration initial = config.get(CompletionOptions.RETRY_INITIAL_BACKOFF);
    Duration max = config.get(CompletionOptions.RETRY_MAX_BACKOFF);
    if (initial.compareTo(max) > 0) {
      throw conflict(
          CompletionOptions.RETRY_INITIAL_BACKOFF,
          initial,
          CompletionOptions.RETRY_MAX_BACKOFF,
          max,
          "raise the second to at least the first");
    }
    int defaultMaxTokens = config.get(CompletionOptions.DEFAULT_MAX_TOKENS);
    if (defaultMaxTokens < 0) {
      throw new IllegalArgumentException(
          CompletionOptions.DEFAULT_MAX_TOKENS.key()
              + " is "
              + defaultMaxTokens
              + "; it must be 0 (the context's end) or more");
    }
    return new InferenceOptions(
        config.get(CompletionOptions.MAX_IN_FLIGHT),
        config.get(CompletionOptions.MAX_IN_FLIGHT_TOKENS),
        defaultMaxTokens,
        config.get(CompletionOptions.RESULT_ORDER),
        maxCompletionBytes(config),
        config.get(CompletionOptions.CHUNKS_ENABLED),
        new RetryPolicy(config.get(CompletionOptions.RETRY_MAX_ATTEMPTS), initial, max));
  }

  private static int maxCompletionBytes(ReadableConfig config) {
    MemorySize size = config.get(CompletionOptions.MAX_COMPLETION_SIZE);
    String requestSize =
        withPrefix(config, CompletionOptions.KAFKA_PROPERTIES_PREFIX)
            .getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_REQUEST_BYTES);
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

  private static Duration checkpointInterval(ReadableConfig config) {
    return config
        .getOptional(CompletionOptions.CHECKPOINT_INTERVAL)
        .or(() -> config.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL))
        .orElse(CompletionOptions.CHECKPOINT_INTERVAL.defaultValue());
  }

  private void check(int contextTokens) {
    if (inference.maxInFlightTokens() < contextTokens) {
      throw conflict(
          CompletionOptions.MAX_IN_FLIGHT_TOKENS,
          inference.maxInFlightTokens(),
          CompletionOptions.CONTEXT_TOKENS,
          contextTokens,
          "raise the first to at least the second, so that one request fits");
    }
    if (inference.defaultMaxTokens() >= contextTokens) {
      throw conflict(
          CompletionOptions.DEFAULT_MAX_TOKENS,
          inference.defaultMaxTokens(),
          CompletionOptions.CONTEXT_TOKENS,
          contextTokens,
          "lower the first, so that a prompt fits beside the answer");
    }
    if (checkpointInterval.isZero() || checkpointInterval.isNegative()) {
      throw new IllegalArgumentException(
          CompletionOptions.CHECKPOINT_INTERVAL.key()
              + " is "
              + text(checkpointInterval)
              + "; it must be more than 0, as results are committed with checkpoints");
    }
    if (delivery == DeliveryGuarantee.EXACTLY_ONCE
        && transactionTimeout.compareTo(checkpointInterval) <= 0) {
      throw conflict(
          CompletionOptions.TRANSACTION_TIMEOUT,
          transactionTimeout,
          CompletionOptions.CHECKPOINT_INTERVAL,
          checkpointInterval,
          "raise the first well above the second, as a transaction lasts from one checkpoint to the next");
    }
    if (chunksDelivery == DeliveryGuarantee.EXACTLY_ONCE) {
      throw new IllegalArgumentException(
          CompletionOptions.CHUNKS_DELIVERY.key()
              + " is EXACTLY_ONCE, which would hold chunks back until the next checkpoint; set it to AT_LEAST_ONCE or NONE");
    }
    checkTopics();
    checkKafkaProperties();
  }

  private void checkTopics() {
    Map<String, String> optionOfTopic = new LinkedHashMap<>();
    Map<ConfigOption<String>, String> topics = new LinkedHashMap<>();
    topics.put(CompletionOptions.PROMPTS_TOPIC, promptsTopic);
    topics.put(CompletionOptions.CHUNKS_TOPIC, chunksTopic);
    topics.put(CompletionOptions.COMPLETIONS_TOPIC, completionsTopic);
    topics.put(CompletionOptions.DEAD_LETTERS_TOPIC, deadLettersTopic);
    topics.forEach(
        (option, topic) -> {
          String other = optionOfTopic.put(topic, option.key());
          if (other != null) {
            throw new IllegalArgumentException(
                other
                    + " and "
                    + option.key()
                    + " are both '"
                    + topic
                    + "'; give each its own topic");
          }
        });
  }

  private void checkKafkaProperties() {
    for (String name : new TreeMap<>(kafkaProperties).keySet()) {
      String option = OWNED_KAFKA_PROPERTIES.get(name);
      if (option != null) {
        throw new IllegalArgumentException(
            CompletionOptions.KAFKA_PROPERTIES_PREFIX
                + name
                + " is set, but the job sets it by itself; remove it and use "
                + option);
      }
    }
  }

  private static <N extends Number> void requirePositive(
      ReadableConfig config, ConfigOption<N> option) {
    N value = config.get(option);
    if (value.longValue() < 1) {
      throw new IllegalArgumentException(option.key() + " is " + value + "; it must be 1 or more");
    }
  }

  private static IllegalArgumentException conflict(
      ConfigOption<?> first,
      Object firstValue,
      ConfigOption<?> second,
      Object secondValue,
      String remedy) {
    return new IllegalArgumentException(
        "%s is %s and %s is %s; %s"
            .formatted(first.key(), text(firstValue), second.key(), text(secondValue), remedy));
  }

  private static String text(Object value) {
    return value instanceof Duration duration ? duration.toMillis() + " ms" : value.toString();
  }

  private static Map<String, String> withPrefix(ReadableConfig config, String prefix) {
    Map<String, String> found = new HashMap<>();
    config
        .toMap()
        .forEach(
            (key, value) -> {
              if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), value);
              }
            });
    return found;
  }

  /** Names no values: the Kafka and registry settings may hold secrets. */
  @Override
  public String toString() {
    return "CompletionSettings[" + jobName + "]";
  }
}
