package ai.falaj.jobs.completion;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.ResultOrder;
import ai.falaj.schemas.registry.RegistryConfig;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The options of a {@link CompletionJob}, checked against each other. Holds secrets where the Kafka
 * or registry settings do, so it has no useful string form.
 *
 * @param prompts topics that prompts are read from
 * @param toolTopics of no matter where the job calls no tools
 * @param kafkaProperties settings for all Kafka clients, but for those that have an option
 */
public record CompletionSettings(
    String jobName,
    String bootstrapServers,
    RegistryConfig registry,
    boolean autoRegisterSchemas,
    PromptTopics prompts,
    String chunksTopic,
    String completionsTopic,
    String deadLettersTopic,
    ToolTopics toolTopics,
    String groupId,
    StartingOffsets startingOffsets,
    PromptDistribution distribution,
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
            PromptTopics.from(config),
            config.get(CompletionOptions.CHUNKS_TOPIC),
            config.get(CompletionOptions.COMPLETIONS_TOPIC),
            config.get(CompletionOptions.DEAD_LETTERS_TOPIC),
            ToolTopics.from(config),
            config.get(CompletionOptions.GROUP_ID),
            config.get(CompletionOptions.STARTING_OFFSETS),
            config.get(CompletionOptions.PROMPTS_DISTRIBUTION),
            InferenceSettings.from(config, kafka),
            config.get(CompletionOptions.CHUNKS_DELIVERY),
            config.get(CompletionOptions.DELIVERY),
            config.get(CompletionOptions.TRANSACTION_TIMEOUT),
            checkpointInterval(config),
            kafka);
    settings.check(ModelOptions.contextTokens(config));
    return settings;
  }

  /** A misspelt option would silently leave its default in force. */
  private static void checkForMisspeltOptions(ReadableConfig config) {
    Set<String> known =
        Stream.of(
                CompletionOptions.all(),
                TenantOptions.documented(),
                ModelOptions.documented(),
                RoutingOptions.documented())
            .flatMap(List::stream)
            .map(ConfigOption::key)
            .collect(Collectors.toSet());
    for (String key : new TreeMap<>(config.toMap()).keySet()) {
      if (key.startsWith(CompletionOptions.PREFIX)
          && !known.contains(key)
          && !TenantOptions.isOption(key)
          && !ModelOptions.isOption(key)
          && !RoutingOptions.isRoute(key)
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

  private static Duration checkpointInterval(ReadableConfig config) {
    return config
        .getOptional(CompletionOptions.CHECKPOINT_INTERVAL)
        .or(() -> config.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL))
        .orElse(CompletionOptions.CHECKPOINT_INTERVAL.defaultValue());
  }

  /**
   * Whether prompts of one record key must meet in one subtask whatever the parallelism: their
   * order, or what was seen of them, is kept there.
   */
  public boolean keyed() {
    return inference.order() == ResultOrder.KEY_ORDERED || inference.needKeys();
  }

  /** Where prompts are read, for people. */
  public String promptsTopic() {
    return prompts.toString();
  }

  /** Whether prompts reach the inference over the network, and not from the source beside it. */
  boolean exchanged() {
    return keyed() || distribution == PromptDistribution.BALANCED;
  }

  private void check(int contextTokens) {
    checkDistribution();
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
    if (!inference.conversations().timeToLive().isZero()
        && inference.conversations().maxTokens() >= contextTokens) {
      throw conflict(
          DialogueOptions.CONVERSATION_TOKENS,
          inference.conversations().maxTokens(),
          CompletionOptions.CONTEXT_TOKENS,
          contextTokens,
          "lower the first, so that a new message and its answer fit beside what is kept");
    }
    if (checkpointInterval.isZero() || checkpointInterval.isNegative()) {
      throw new IllegalArgumentException(
          CompletionOptions.CHECKPOINT_INTERVAL.key()
              + " is "
              + text(checkpointInterval)
              + "; it must be more than 0, as results are committed with checkpoints");
    }
    if ((delivery == DeliveryGuarantee.EXACTLY_ONCE
            || toolTopics.delivery() == DeliveryGuarantee.EXACTLY_ONCE)
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

  private void checkDistribution() {
    if (distribution != PromptDistribution.BALANCED) {
      return;
    }
    if (inference.order() != ResultOrder.UNORDERED) {
      throw conflict(
          CompletionOptions.PROMPTS_DISTRIBUTION,
          distribution,
          CompletionOptions.RESULT_ORDER,
          inference.order(),
          "set the second to UNORDERED, or the first to BY_PARTITION");
    }
    if (!inference.deduplication().timeToLive().isZero()) {
      throw conflict(
          CompletionOptions.PROMPTS_DISTRIBUTION,
          distribution,
          FailureOptions.DEDUPLICATION_TIME,
          inference.deduplication().timeToLive(),
          "set the second to 0, or the first to BY_PARTITION, as a repeat must meet the one before it");
    }
    if (!inference.conversations().timeToLive().isZero()) {
      throw conflict(
          CompletionOptions.PROMPTS_DISTRIBUTION,
          distribution,
          DialogueOptions.CONVERSATION_TIME,
          inference.conversations().timeToLive(),
          "set the second to 0, or the first to BY_PARTITION, as a turn must meet the one before it");
    }
    if (inference.tools().enabled()) {
      throw conflict(
          CompletionOptions.PROMPTS_DISTRIBUTION,
          distribution,
          DialogueOptions.TOOLS_ENABLED,
          true,
          "set the second to false, or the first to BY_PARTITION, as an answer must meet the request that waits for it");
    }
  }

  private void checkTopics() {
    Map<ConfigOption<String>, String> topics = new LinkedHashMap<>();
    topics.put(CompletionOptions.CHUNKS_TOPIC, chunksTopic);
    topics.put(CompletionOptions.COMPLETIONS_TOPIC, completionsTopic);
    topics.put(CompletionOptions.DEAD_LETTERS_TOPIC, deadLettersTopic);
    if (inference.tools().enabled()) {
      topics.put(DialogueOptions.TOOL_REQUESTS_TOPIC, toolTopics.requests());
      topics.put(DialogueOptions.TOOL_RESPONSES_TOPIC, toolTopics.responses());
    }
    prompts.requireOthers(topics);
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

  static IllegalArgumentException conflict(
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
