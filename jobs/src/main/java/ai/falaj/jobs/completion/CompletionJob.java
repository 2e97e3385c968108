package ai.falaj.jobs.completion;

import ai.falaj.operators.BalancedPrompts;
import ai.falaj.operators.GatedSource;
import ai.falaj.operators.InferenceOperatorFactory;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.kafka.OutputRecordSerializationSchema;
import ai.falaj.operators.kafka.PromptRecordDeserializationSchema;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.operators.kafka.access.SecretReferences;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import java.time.Duration;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Answers the prompts of a Kafka topic with one model per TaskManager.
 *
 * <p>One chain per partition's reader: source, inference, three sinks. A cancellation, which has
 * the key of its prompt and so its partition, meets the prompt in the same subtask. Where order or
 * memory of a key is asked for, prompts are exchanged by their record key between source and
 * inference, and where balance is asked for, by load. Where there are routes, they stand in front
 * of the inference ({@link RoutingStage}). Where requests bring tools, what these say joins the
 * prompts ({@link ToolStage}). Completions and dead letters are in Kafka transactions that end with
 * a checkpoint; chunks are sent at once.
 */
public final class CompletionJob {

  /** Chunks of one step of the model go in one batch, and no later. */
  private static final String CHUNKS_LINGER_MS = "1";

  /** Barriers that the exchange holds up for longer overtake the prompts in it. */
  private static final Duration ALIGNED_CHECKPOINT_TIMEOUT = Duration.ofMillis(100);

  private CompletionJob() {}

  /**
   * Submits the job. Arguments are options as {@code --falaj.model NAME}; they win over the
   * configuration that the job is submitted with.
   *
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps
   */
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Configuration config = new Configuration();
    config.addAll(Configuration.fromMap(env.getConfiguration().toMap()));
    config.addAll(Configuration.fromMap(ParameterTool.fromArgs(args).toMap()));
    CompletionSettings settings = build(env, config, ModelSpecs.fromOptions(config));
    StartCheck.run(config, settings);
    env.execute(settings.jobName());
  }

  /** What stands between the prompts and the sinks of the job. */
  @FunctionalInterface
  public interface Answering {

    /**
     * @param prompts keyed where the settings ask for it
     * @return completions, with the side outputs of {@link InferenceOutputs}
     */
    SingleOutputStreamOperator<OutputRecord<Completion>> answer(
        DataStream<PromptRecord> prompts, CompletionSettings settings);
  }

  /**
   * Adds the job to an environment.
   *
   * @return the options as they were understood
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps;
   *     nothing was added then
   */
  public static CompletionSettings build(
      StreamExecutionEnvironment env, ReadableConfig config, RuntimeSpec spec) {
    RoutingSettings routing = check(config, spec);
    return build(
        env,
        config,
        (prompts, settings) -> {
          RoutingStage stage = new RoutingStage(settings, routing, spec);
          return stage.addShadows(
              stage
                  .addTo(prompts)
                  .transform(
                      "inference with " + String.join(", ", new TreeSet<>(spec.models())),
                      InferenceOutputs.COMPLETION_TYPE,
                      // Routing emits a prompt last, and nothing after it.
                      new InferenceOperatorFactory(spec, settings.inference())
                          .withUpstreamEmittingOnce())
                  .uid("inference"));
        });
  }

  /**
   * Reads and checks all options of a job. Connects to nothing.
   *
   * @return how its requests are routed
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps
   */
  public static RoutingSettings check(ReadableConfig config, RuntimeSpec spec) {
    CompletionSettings settings = CompletionSettings.from(config);
    ConversationSettings.requireModel(settings.inference().conversations(), spec.models());
    return RoutingSettings.from(config, spec.models());
  }

  /** The same with something else in place of the inference, to compare it with. */
  public static CompletionSettings build(
      StreamExecutionEnvironment env, ReadableConfig config, Answering answering) {
    CompletionSettings settings = CompletionSettings.from(config);
    configure(env, settings);
    RegistryAccess registry = RegistryAccess.of(settings.registry());
    ToolStage tools = new ToolStage(settings);

    DataStream<PromptRecord> prompts =
        env.fromSource(
                new GatedSource<>(promptSource(settings, registry)),
                WatermarkStrategy.noWatermarks(),
                settings.promptsTopic(),
                InferenceOutputs.PROMPT_TYPE)
            .uid("prompts");
    SingleOutputStreamOperator<OutputRecord<Completion>> completions =
        answering.answer(distribute(tools.joinTo(prompts), settings), settings);

    addSink(
        completions,
        settings.completionsTopic(),
        "completions",
        resultSink(
            settings, registry, settings.completionsTopic(), "completions", Completion.class));
    addSink(
        completions.getSideOutput(InferenceOutputs.DEAD_LETTERS),
        settings.deadLettersTopic(),
        "dead-letters",
        resultSink(
            settings, registry, settings.deadLettersTopic(), "dead-letters", DeadLetter.class));
    addSink(
        completions.getSideOutput(InferenceOutputs.CHUNKS),
        settings.chunksTopic(),
        "chunks",
        chunkSink(settings, registry));
    tools.addSink(completions);
    return settings;
  }

  /** What every job of Falaj asks of Flink. */
  public static void configure(StreamExecutionEnvironment env, CompletionSettings settings) {
    Configuration job = new Configuration();
    // Records are immutable, and each has a serializer of its own.
    job.set(PipelineOptions.OBJECT_REUSE, true);
    job.set(PipelineOptions.GENERIC_TYPES, false);
    job.set(PipelineOptions.NAME, settings.jobName());
    if (settings.exchanged()) {
      letBarriersOvertakePrompts(env);
    }
    if (settings.distribution() == PromptDistribution.BALANCED) {
      setIfAbsent(env, job, NettyShuffleEnvironmentOptions.ADAPTIVE_PARTITIONER_ENABLED, true);
    }
    env.configure(job);
    env.enableCheckpointing(
        settings.checkpointInterval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
  }

  /** Prompts wait in an exchange while the inference is full; checkpoints need not. */
  public static void letBarriersOvertakePrompts(StreamExecutionEnvironment env) {
    Configuration job = new Configuration();
    setIfAbsent(env, job, CheckpointingOptions.ENABLE_UNALIGNED, true);
    setIfAbsent(
        env, job, CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, ALIGNED_CHECKPOINT_TIMEOUT);
    env.configure(job);
  }

  private static <T> void setIfAbsent(
      StreamExecutionEnvironment env, Configuration job, ConfigOption<T> option, T value) {
    if (env.getConfiguration().getOptional(option).isEmpty()) {
      job.set(option, value);
    }
  }

  private static DataStream<PromptRecord> distribute(
      DataStream<PromptRecord> prompts, CompletionSettings settings) {
    if (settings.keyed()) {
      return prompts.keyBy(new PromptKeys(), PromptKeys.TYPE);
    }
    return switch (settings.distribution()) {
      case BY_PARTITION -> prompts;
      case BALANCED -> BalancedPrompts.of(prompts);
    };
  }

  /** Reads the topics of prompts. */
  public static KafkaSource<PromptRecord> promptSource(
      CompletionSettings settings, RegistryAccess registry) {
    Properties properties = clientProperties(settings);
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return settings
        .prompts()
        .subscribe(KafkaSource.<PromptRecord>builder(), properties)
        .setProperties(properties)
        .setBootstrapServers(settings.bootstrapServers())
        .setGroupId(settings.groupId())
        .setClientIdPrefix(settings.jobName() + "-prompts")
        .setStartingOffsets(settings.startingOffsets().initializer())
        .setDeserializer(new PromptRecordDeserializationSchema(registry))
        .build();
  }

  /**
   * Writes results as the settings say, in transactions where they do.
   *
   * @param role of the sink in the job; part of the names of its transactions
   */
  public static <T extends SpecificRecord> KafkaSink<OutputRecord<T>> resultSink(
      CompletionSettings settings,
      RegistryAccess registry,
      String topic,
      String role,
      Class<T> valueClass) {
    Properties properties = clientProperties(settings);
    if (settings.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.setProperty(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          Long.toString(settings.transactionTimeout().toMillis()));
    }
    return sink(settings, registry, topic, valueClass, properties)
        .setDeliveryGuarantee(settings.delivery())
        .setTransactionalIdPrefix(settings.jobName() + "-" + role)
        .build();
  }

  /** Writes chunks at once. */
  public static KafkaSink<OutputRecord<CompletionChunk>> chunkSink(
      CompletionSettings settings, RegistryAccess registry) {
    Properties properties = clientProperties(settings);
    properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, CHUNKS_LINGER_MS);
    return sink(settings, registry, settings.chunksTopic(), CompletionChunk.class, properties)
        .setDeliveryGuarantee(settings.chunksDelivery())
        .build();
  }

  static <T extends SpecificRecord> KafkaSinkBuilder<OutputRecord<T>> sink(
      CompletionSettings settings,
      RegistryAccess registry,
      String topic,
      Class<T> valueClass,
      Properties properties) {
    return KafkaSink.<OutputRecord<T>>builder()
        .setKafkaProducerConfig(properties)
        .setBootstrapServers(settings.bootstrapServers())
        .setRecordSerializer(
            new OutputRecordSerializationSchema<>(
                topic, valueClass, registry, settings.autoRegisterSchemas()));
  }

  static <T> void addSink(DataStream<T> records, String name, String uid, KafkaSink<T> sink) {
    records.sinkTo(sink).name(name).uid(uid);
  }

  /** Settings of any Kafka client of a job; secrets in them are still references. */
  public static Properties clientProperties(CompletionSettings settings) {
    Properties properties = new Properties();
    properties.putAll(SecretReferences.resolvable(settings.kafkaProperties()));
    return properties;
  }
}
