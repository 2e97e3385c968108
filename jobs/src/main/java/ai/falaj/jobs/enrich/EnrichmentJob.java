package ai.falaj.jobs.enrich;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.enrich.EnrichmentFile.Format;
import ai.falaj.jobs.enrich.EnrichmentSettings.Endpoint;
import ai.falaj.jobs.enrich.rows.AvroEncoding;
import ai.falaj.jobs.enrich.rows.AvroRowFormat;
import ai.falaj.jobs.enrich.rows.CsvEncoding;
import ai.falaj.jobs.enrich.rows.EnrichedSchema;
import ai.falaj.jobs.enrich.rows.JsonEncoding;
import ai.falaj.jobs.enrich.rows.JsonRowFormat;
import ai.falaj.jobs.enrich.rows.RowEncoding;
import ai.falaj.jobs.enrich.rows.RowFormat;
import ai.falaj.operators.GatedSource;
import ai.falaj.operators.InferenceOperatorFactory;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptOutcome;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RequestKeys;
import ai.falaj.operators.enrichment.PromptWindow;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Adds fields that a model makes to the records of a topic or of files.
 *
 * <p>Source and templates make prompts, which carry their records ({@link PromptMaker}); in batch
 * mode a window brings like ones together. An exchange gives equal questions to one subtask, where
 * they are asked once; without reuse, files' prompts are dealt out evenly and those of a topic stay
 * where they are read, as {@code falaj.prompts.distribution} says. There one chain asks, checks,
 * puts answers into records ({@link EnrichFunction}) and writes these, in transactions or part
 * files that end with a checkpoint: each record once, whatever fails.
 *
 * <p>Batch mode is a bounded source in Flink's streaming execution, not Flink's batch execution:
 * that takes no checkpoints, and a failure after hours of generation would begin again.
 */
public final class EnrichmentJob {

  private static final Duration NEW_FILES_INTERVAL = Duration.ofSeconds(2);

  private EnrichmentJob() {}

  /**
   * Submits the job. Arguments are {@code --file FILE.yaml} and options as {@code --falaj.model
   * NAME}; these win over the file, which wins over the configuration that the job is submitted
   * with.
   *
   * @throws IllegalArgumentException with one line that says what is wrong and what helps
   */
  public static void main(String[] args) throws Exception {
    ParameterTool arguments = ParameterTool.fromArgs(args);
    if (!arguments.has("file")) {
      throw new IllegalArgumentException("--file is missing; name the YAML file of the enrichment");
    }
    EnrichmentFile file = EnrichmentFile.read(Path.of(arguments.get("file")));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Configuration over = Configuration.fromMap(arguments.toMap());
    over.removeKey("file");
    Configuration options = new Configuration();
    options.addAll(Configuration.fromMap(env.getConfiguration().toMap()));
    options.addAll(SettingsReader.options(file, over));
    EnrichmentSettings settings = SettingsReader.read(file, options);
    build(env, settings, ModelSpecs.fromOptions(options));
    env.execute(settings.job().jobName());
  }

  /** What stands between prompts and records. */
  @FunctionalInterface
  public interface Answering {

    /** What became of each prompt. */
    DataStream<PromptOutcome> answer(DataStream<PromptRecord> prompts);
  }

  /**
   * Adds the job to an environment. Registers the schema of an Avro output.
   *
   * @throws IllegalArgumentException where the output's schema is not compatible with what the
   *     topic holds, or the registry cannot be asked; nothing was added then
   */
  public static void build(
      StreamExecutionEnvironment env, EnrichmentSettings settings, RuntimeSpec spec) {
    InferenceOptions inference =
        settings.job().inference().withChunks(false).withReuse(settings.reuse());
    build(
        env,
        settings,
        spec.model(),
        prompts ->
            exchanged(prompts, settings)
                .transform(
                    "inference with " + spec.model(),
                    InferenceOutputs.COMPLETION_TYPE,
                    new InferenceOperatorFactory(spec, inference)
                        .withOutcomes()
                        .withReview(new AnswerCheck(settings.output())))
                .uid("inference")
                .getSideOutput(InferenceOutputs.OUTCOMES));
  }

  /** The same with something else in place of exchange and inference, to compare it with. */
  public static void build(
      StreamExecutionEnvironment env,
      EnrichmentSettings settings,
      String model,
      Answering answering) {
    CompletionSettings job = settings.job();
    RegistryAccess registry = RegistryAccess.of(job.registry());
    RowFormat format =
        settings.source().format() == Format.AVRO
            ? new AvroRowFormat(settings.input().record().orElseThrow(), registry)
            : new JsonRowFormat(settings.input());
    RowEncoding encoding = encoding(settings, registry);
    Prompting prompting =
        new Prompting(format, settings.systemOrNull(), settings.user(), settings.sampling(), model);

    CompletionJob.configure(env, job);
    Source<PromptRecord, ?, ?> source = source(settings, prompting);
    if (settings.inPlace()) {
      source = new GatedSource<>(source);
    } else {
      CompletionJob.letBarriersOvertakePrompts(env);
    }
    env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
    DataStream<PromptRecord> prompts =
        env.fromSource(
                source,
                WatermarkStrategy.noWatermarks(),
                settings.source().name(),
                InferenceOutputs.PROMPT_TYPE)
            .uid("records");
    if (settings.window() > 0) {
      prompts =
          prompts
              .transform(
                  "window", InferenceOutputs.PROMPT_TYPE, new PromptWindow(settings.window()))
              .uid("window");
    }
    SingleOutputStreamOperator<EnrichedRow> rows =
        answering
            .answer(prompts)
            .process(
                new EnrichFunction(
                    prompting.format(),
                    settings.output(),
                    encoding,
                    settings.errorColumn().isPresent(),
                    settings.samples()),
                EnrichedRow.TYPE)
            .name("enrich")
            .uid("enrich");
    addSinks(rows, settings, registry, encoding);
  }

  static Prompting prompting(EnrichmentSettings settings, String model) {
    RowFormat format =
        settings.source().format() == Format.AVRO
            ? new AvroRowFormat(
                settings.input().record().orElseThrow(),
                RegistryAccess.of(settings.job().registry()))
            : new JsonRowFormat(settings.input());
    return new Prompting(
        format, settings.systemOrNull(), settings.user(), settings.sampling(), model);
  }

  private static DataStream<PromptRecord> exchanged(
      DataStream<PromptRecord> prompts, EnrichmentSettings settings) {
    if (settings.inPlace()) {
      return prompts;
    }
    return settings.reuse().timeToLive().isZero()
        ? prompts.rebalance()
        : prompts.keyBy(new RequestKeys(), RequestKeys.TYPE);
  }

  private static RowEncoding encoding(EnrichmentSettings settings, RegistryAccess access) {
    List<OutputField> added = settings.added();
    List<String> names = added.stream().map(OutputField::name).toList();
    return switch (settings.sink().format()) {
      case JSON, JSONL -> new JsonEncoding(names);
      case CSV -> new CsvEncoding(settings.input().names().orElseThrow(), names);
      case AVRO -> {
        Schema schema = EnrichedSchema.of(settings.input().record().orElseThrow(), added);
        yield new AvroEncoding(schema, register(settings, schema, access), added.size());
      }
    };
  }

  private static int register(EnrichmentSettings settings, Schema schema, RegistryAccess access) {
    String subject = Topics.valueSubject(settings.sink().name());
    try (SchemaRegistry registry = access.open()) {
      return settings.job().autoRegisterSchemas()
          ? registry.register(subject, schema)
          : registry.schemaId(subject, schema);
    } catch (SchemaRegistryException e) {
      throw new IllegalArgumentException(
          e.kind() == SchemaRegistryException.Kind.INCOMPATIBLE
              ? "the output's schema cannot follow the newest one of sink.topic '%s': %s Or write to another topic."
                  .formatted(settings.sink().name(), e.getMessage())
              : e.getMessage(),
          e);
    }
  }

  private static Source<PromptRecord, ?, ?> source(
      EnrichmentSettings settings, Prompting prompting) {
    Endpoint source = settings.source();
    if (!source.isKafka()) {
      FileSource.FileSourceBuilder<PromptRecord> files =
          FileSource.forBulkFileFormat(
              new RecordFiles(prompting, source.format() == Format.CSV, settings.input()),
              new org.apache.flink.core.fs.Path(source.name()));
      return settings.bounded()
          ? files.build()
          : files.monitorContinuously(NEW_FILES_INTERVAL).build();
    }
    CompletionSettings job = settings.job();
    Properties properties = CompletionJob.clientProperties(job);
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSourceBuilder<PromptRecord> topic =
        KafkaSource.<PromptRecord>builder()
            .setProperties(properties)
            .setBootstrapServers(job.bootstrapServers())
            .setGroupId(job.groupId())
            .setClientIdPrefix(job.jobName() + "-records")
            .setTopics(source.name())
            .setStartingOffsets(job.startingOffsets().initializer())
            .setDeserializer(new KafkaPrompts(prompting));
    if (settings.bounded()) {
      topic.setBounded(OffsetsInitializer.latest());
    }
    return topic.build();
  }

  private static void addSinks(
      SingleOutputStreamOperator<EnrichedRow> rows,
      EnrichmentSettings settings,
      RegistryAccess registry,
      RowEncoding encoding) {
    Endpoint sink = settings.sink();
    CompletionSettings job = settings.job();
    DataStream<OutputRecord<DeadLetter>> deadLetters =
        rows.getSideOutput(InferenceOutputs.DEAD_LETTERS);
    if (sink.isKafka()) {
      rows.sinkTo(kafkaSink(job, sink.name())).name(sink.name()).uid("rows");
      deadLetters
          .sinkTo(
              CompletionJob.resultSink(
                  job, registry, job.deadLettersTopic(), "dead-letters", DeadLetter.class))
          .name(job.deadLettersTopic())
          .uid("dead-letters");
      return;
    }
    rows.sinkTo(
            PartFiles.sink(
                sink.name(),
                new FileRows(encoding.header().orElse(null)),
                sink.format(),
                settings.bounded()))
        .name(sink.name())
        .uid("rows");
    String folder =
        settings.deadLettersPathOrNull() == null
            ? PartFiles.deadLettersBeside(sink.name())
            : settings.deadLettersPathOrNull();
    deadLetters
        .sinkTo(PartFiles.sink(folder, new FileDeadLetters(), Format.JSONL, settings.bounded()))
        .name(folder)
        .uid("dead-letters");
  }

  private static KafkaSink<EnrichedRow> kafkaSink(CompletionSettings job, String topic) {
    Properties properties = CompletionJob.clientProperties(job);
    if (job.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.setProperty(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          Long.toString(job.transactionTimeout().toMillis()));
    }
    return KafkaSink.<EnrichedRow>builder()
        .setKafkaProducerConfig(properties)
        .setBootstrapServers(job.bootstrapServers())
        .setRecordSerializer(new KafkaRows(topic))
        .setDeliveryGuarantee(job.delivery())
        .setTransactionalIdPrefix(job.jobName() + "-rows")
        .build();
  }
}
