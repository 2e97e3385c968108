package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.ResultOrder;
import ai.falaj.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * The options of the {@link CompletionJob}. Arguments of the job win over the configuration that it
 * is submitted with, which wins over the defaults here.
 */
public final class CompletionOptions {

  /** Of every option of this job. */
  public static final String PREFIX = "falaj.";

  /** Prefix of settings for all Kafka clients of the job. */
  public static final String KAFKA_PROPERTIES_PREFIX = "falaj.kafka.properties.";

  /** Prefix of settings for the schema registry's client. */
  public static final String REGISTRY_PROPERTIES_PREFIX = "falaj.schema-registry.properties.";

  public static final ConfigOption<String> JOB_NAME =
      key("falaj.job.name")
          .stringType()
          .defaultValue("falaj-completions")
          .withDescription(
              "Name of the job, and prefix of its Kafka transactions: two jobs on one broker must"
                  + " not share it, or they abort each other's transactions.");

  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      key("falaj.bootstrap.servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Kafka brokers, as host:port separated by commas.");

  public static final ConfigOption<Boolean> BOOTSTRAP_CHECK_AT_START =
      key("falaj.bootstrap.check-at-start")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether a job that the broker does not let in, or that lacks a topic, is refused when"
                  + " it is submitted, in place of being restarted for ever. Turn it off where the"
                  + " job is put together on a machine that does not hold the credentials.");

  public static final ConfigOption<String> SCHEMA_REGISTRY_URL =
      key("falaj.schema-registry.url")
          .stringType()
          .noDefaultValue()
          .withDescription("Base URLs of the schema registry, separated by commas.");

  public static final ConfigOption<Boolean> SCHEMA_AUTO_REGISTER =
      key("falaj.schema-registry.auto-register")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether the job registers the schemas of its output topics. Off where schemas are"
                  + " reviewed before they reach the registry; a missing one then fails the job.");

  public static final ConfigOption<String> PROMPTS_TOPIC =
      topic(
          "falaj.topic.prompts",
          Topics.PROMPTS,
          "Topics that prompts are read from, separated by commas. Where conversations are kept,"
              + " records of all of them with one key and one conversation_id meet in one"
              + " conversation.");

  public static final ConfigOption<String> PROMPTS_PATTERN =
      key("falaj.topic.prompts-pattern")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Regular expression of the names of the topics that prompts are read from, instead of"
                  + " falaj.topic.prompts. A topic that is created later is found within a minute"
                  + " (falaj.kafka.properties.partition.discovery.interval.ms) and read from its"
                  + " beginning. It must match none of the job's other topics.");

  public static final ConfigOption<String> CHUNKS_TOPIC =
      topic("falaj.topic.chunks", Topics.CHUNKS, "Topic for pieces of completions.");

  public static final ConfigOption<String> COMPLETIONS_TOPIC =
      topic("falaj.topic.completions", Topics.COMPLETIONS, "Topic for whole completions.");

  public static final ConfigOption<String> DEAD_LETTERS_TOPIC =
      topic("falaj.topic.dead-letters", Topics.DEAD_LETTERS, "Topic for what cannot be answered.");

  public static final ConfigOption<String> GROUP_ID =
      key("falaj.group.id")
          .stringType()
          .defaultValue("falaj")
          .withDescription(
              "Kafka consumer group that offsets are committed to. For monitoring and for"
                  + " starting without a checkpoint; checkpoints hold the offsets that count.");

  public static final ConfigOption<StartingOffsets> STARTING_OFFSETS =
      key("falaj.starting-offsets")
          .enumType(StartingOffsets.class)
          .defaultValue(StartingOffsets.COMMITTED_OR_EARLIEST)
          .withDescription(
              "Where a job without a checkpoint begins. Earliest answers old prompts again, latest"
                  + " leaves those unanswered that came while no job ran.");

  public static final ConfigOption<PromptDistribution> PROMPTS_DISTRIBUTION =
      key("falaj.prompts.distribution")
          .enumType(PromptDistribution.class)
          .defaultValue(PromptDistribution.BY_PARTITION)
          .withDescription(
              "Which subtask answers a prompt. BY_PARTITION: the one that reads its partition, which costs"
                  + " nothing. BALANCED: the one with the least waiting for it, which keeps all TaskManagers busy"
                  + " when partitions or lengths are uneven; it costs an exchange over the network and any order"
                  + " between prompts.");

  public static final ConfigOption<String> MODEL =
      key("falaj.model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Name of a model of the catalogue, or path of a .gguf file; found on the"
                  + " TaskManager, where the file must lie.");

  public static final ConfigOption<String> MODEL_NAME =
      key("falaj.model.name")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Name that requests and completions use for the model. Default: the file's name"
                  + " without .gguf, or the name of the catalogue.");

  public static final ConfigOption<String> CHAT_TEMPLATE =
      key("falaj.model.chat-template")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "llama.cpp's name of a chat template, such as chatml, for a model file whose own it does not know."
                  + " A template that the model was not trained on makes its answers worse.");

  public static final ConfigOption<Integer> CONTEXT_TOKENS =
      key("falaj.runtime.context-tokens")
          .intType()
          .defaultValue(4096)
          .withDescription(
              "Prompt and completion tokens that one request may hold. More allows longer"
                  + " reasoning; the KV cache takes this times falaj.runtime.max-sequences.");

  public static final ConfigOption<Integer> MAX_SEQUENCES =
      key("falaj.runtime.max-sequences")
          .intType()
          .defaultValue(16)
          .withDescription(
              "Requests that a TaskManager generates at once. More raises throughput until the"
                  + " cores are busy, slows each single answer and enlarges the KV cache.");

  public static final ConfigOption<Integer> THREADS =
      key("falaj.runtime.threads")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Threads that compute, at most the cores of the TaskManager: more make the engine"
                  + " many times slower. Default: the cores of the TaskManager.");

  public static final ConfigOption<Integer> GPU_LAYERS =
      key("falaj.runtime.gpu-layers")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Layers that a GPU computes. Default: all that fit; none where there is no GPU.");

  public static final ConfigOption<Integer> MAX_IN_FLIGHT =
      key("falaj.inference.max-in-flight")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.maxInFlight())
          .withDescription(
              "Requests that one subtask holds at once. At least falaj.runtime.max-sequences"
                  + " divided by the parallelism keeps the batch full; more only wait in the"
                  + " runtime.");

  public static final ConfigOption<Long> MAX_IN_FLIGHT_TOKENS =
      key("falaj.inference.max-in-flight-tokens")
          .longType()
          .defaultValue(InferenceOptions.DEFAULT.maxInFlightTokens())
          .withDescription(
              "Estimated tokens (prompt and max_tokens) of the requests that one subtask has in"
                  + " the runtime at once. Lower bounds memory and checkpoints when prompts are"
                  + " long, higher keeps the batch full.");

  public static final ConfigOption<Integer> DEFAULT_MAX_TOKENS =
      key("falaj.inference.default-max-tokens")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.defaultMaxTokens())
          .withDescription(
              "max_tokens of requests that name none. 0 lets them run to the end of the context,"
                  + " which counts as a whole context in falaj.inference.max-in-flight-tokens.");

  public static final ConfigOption<MemorySize> MAX_COMPLETION_SIZE =
      key("falaj.inference.max-completion-size")
          .memoryType()
          .defaultValue(new MemorySize(InferenceOptions.DEFAULT.maxCompletionBytes()))
          .withDescription(
              "Completions that are larger become dead letters: many samples or logprobs make"
                  + " records that Kafka refuses, which would fail the job. More needs a larger"
                  + " falaj.kafka.properties.max.request.size and the broker's consent.");

  public static final ConfigOption<ResultOrder> RESULT_ORDER =
      key("falaj.inference.result-order")
          .enumType(ResultOrder.class)
          .defaultValue(InferenceOptions.DEFAULT.order())
          .withDescription(
              "Order of completions. UNORDERED has the lowest latency; ORDERED and KEY_ORDERED"
                  + " hold a completion back until those before it, of all or of its key, left.");

  public static final ConfigOption<Boolean> CHUNKS_ENABLED =
      key("falaj.chunks.enabled")
          .booleanType()
          .defaultValue(InferenceOptions.DEFAULT.chunks())
          .withDescription(
              "Whether completions are also sent in pieces while they are generated. Off saves one"
                  + " Kafka record per step and request where nobody watches.");

  public static final ConfigOption<DeliveryGuarantee> CHUNKS_DELIVERY =
      key("falaj.chunks.delivery-guarantee")
          .enumType(DeliveryGuarantee.class)
          .defaultValue(DeliveryGuarantee.AT_LEAST_ONCE)
          .withDescription(
              "AT_LEAST_ONCE waits for the broker at each checkpoint; NONE does not and may lose"
                  + " chunks when a broker fails. Chunks are never in a transaction.");

  public static final ConfigOption<DeliveryGuarantee> DELIVERY =
      key("falaj.delivery-guarantee")
          .enumType(DeliveryGuarantee.class)
          .defaultValue(DeliveryGuarantee.EXACTLY_ONCE)
          .withDescription(
              "Of completions and dead letters. EXACTLY_ONCE shows them to read_committed readers"
                  + " with the next checkpoint; AT_LEAST_ONCE at once, and some twice after a"
                  + " failure.");

  public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
      key("falaj.transaction.timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(15))
          .withDescription(
              "When the broker gives up a transaction that was not committed. Results are lost if"
                  + " the job is down for longer, and readers of the topic wait for as long;"
                  + " at most the broker's transaction.max.timeout.ms.");

  public static final ConfigOption<Duration> CHECKPOINT_INTERVAL =
      key("falaj.checkpoint.interval")
          .durationType()
          .defaultValue(Duration.ofSeconds(10))
          .withDescription(
              "Time between checkpoints, and so the delay of exactly-once completions. Shorter"
                  + " shows them earlier and generates less again after a failure; each checkpoint"
                  + " commits a Kafka transaction per subtask. Wins over"
                  + " execution.checkpointing.interval.");

  private CompletionOptions() {}

  /**
   * All options, for documentation and for finding misspelt ones; those of {@link TenantOptions},
   * {@link ModelOptions} and the routes have names that only the user knows.
   */
  public static List<ConfigOption<?>> all() {
    return Stream.of(
            jobAndModel(),
            EngineOptions.all(),
            inferenceAndDelivery(),
            FailureOptions.all(),
            DialogueOptions.all(),
            RoutingOptions.all())
        .flatMap(List::stream)
        .toList();
  }

  private static List<ConfigOption<?>> jobAndModel() {
    return List.of(
        JOB_NAME,
        BOOTSTRAP_SERVERS,
        BOOTSTRAP_CHECK_AT_START,
        SCHEMA_REGISTRY_URL,
        SCHEMA_AUTO_REGISTER,
        PROMPTS_TOPIC,
        PROMPTS_PATTERN,
        CHUNKS_TOPIC,
        COMPLETIONS_TOPIC,
        DEAD_LETTERS_TOPIC,
        GROUP_ID,
        STARTING_OFFSETS,
        PROMPTS_DISTRIBUTION,
        MODEL,
        MODEL_NAME,
        CHAT_TEMPLATE,
        CONTEXT_TOKENS,
        MAX_SEQUENCES,
        THREADS,
        GPU_LAYERS);
  }

  private static List<ConfigOption<?>> inferenceAndDelivery() {
    return List.of(
        MAX_IN_FLIGHT,
        MAX_IN_FLIGHT_TOKENS,
        DEFAULT_MAX_TOKENS,
        MAX_COMPLETION_SIZE,
        RESULT_ORDER,
        CHUNKS_ENABLED,
        CHUNKS_DELIVERY,
        DELIVERY,
        TRANSACTION_TIMEOUT,
        CHECKPOINT_INTERVAL);
  }

  private static ConfigOption<String> topic(String key, String name, String description) {
    return key(key).stringType().defaultValue(name).withDescription(description);
  }
}
