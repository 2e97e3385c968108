package ai.falaj.jobs.analytics;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.StartCheck;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.analytics.AnalyticsOutputs;
import ai.falaj.operators.analytics.AnalyticsPipeline;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.operators.kafka.ChunkUsageSchema;
import ai.falaj.operators.kafka.CompletionUsageSchema;
import ai.falaj.operators.kafka.DeadLetterUsageSchema;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Counts what completions, dead letters and chunks tell, in windows of event time, and writes rows
 * to topics that keep the last one of each key. Rows are in Kafka transactions that end with a
 * checkpoint, as what is counted is in the state of the same checkpoint.
 *
 * <p>Nobody waits for this job, and it writes to no topic that another job of Falaj reads.
 */
public final class AnalyticsJob {

  /**
   * How far the partitions may drift apart in event time. Only what lies between the slowest and
   * the fastest is held in open windows; without this bound, days of a backlog would be.
   */
  private static final Duration MAX_DRIFT = Duration.ofMinutes(10);

  /** With the drift: the most that is read of a backlog, 3,000 s of event time in a second. */
  private static final Duration DRIFT_CHECK_INTERVAL = Duration.ofMillis(200);

  private static final String ALIGNMENT_GROUP = "falaj-analytics";

  private AnalyticsJob() {}

  /**
   * Submits the job. Arguments are options as {@code --falaj.analytics.label-field /category}; they
   * win over the configuration that the job is submitted with.
   *
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps
   */
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Configuration config = new Configuration();
    config.addAll(Configuration.fromMap(env.getConfiguration().toMap()));
    config.addAll(Configuration.fromMap(ParameterTool.fromArgs(args).toMap()));
    AnalyticsSettings settings = build(env, config);
    StartCheck.run(config, settings.job(), settings.topics());
    env.execute(settings.job().jobName());
  }

  /**
   * Adds the job to an environment.
   *
   * @return the options as they were understood
   * @throws IllegalArgumentException with one line that says which option is wrong and what helps;
   *     nothing was added then
   */
  public static AnalyticsSettings build(StreamExecutionEnvironment env, ReadableConfig config) {
    AnalyticsSettings settings = AnalyticsSettings.from(config);
    CompletionSettings job = settings.job();
    CompletionJob.configure(env, job);
    RegistryAccess registry = RegistryAccess.of(job.registry());

    Map<String, DataStream<UsageEvent>> events = new LinkedHashMap<>();
    events.put(
        "completions",
        source(
            env,
            settings,
            job.completionsTopic(),
            "completions",
            new CompletionUsageSchema(registry, settings.events())));
    events.put(
        "dead-letters",
        source(
            env,
            settings,
            job.deadLettersTopic(),
            "dead-letters",
            new DeadLetterUsageSchema(registry, settings.events())));
    if (settings.chunks()) {
      events.put(
          "chunks",
          source(
              env,
              settings,
              job.chunksTopic(),
              "chunks",
              new ChunkUsageSchema(registry, settings.events())));
    }
    AnalyticsPipeline.Streams rows = AnalyticsPipeline.connect(events, settings.windows());
    addSink(rows.usage(), settings, registry, settings.usageTopic(), "usage", UsageWindow.class);
    addSink(rows.labels(), settings, registry, settings.labelsTopic(), "labels", LabelWindow.class);
    addSink(rows.alerts(), settings, registry, settings.alertsTopic(), "alerts", BudgetAlert.class);
    return settings;
  }

  private static DataStream<UsageEvent> source(
      StreamExecutionEnvironment env,
      AnalyticsSettings settings,
      String topic,
      String role,
      KafkaRecordDeserializationSchema<UsageEvent> schema) {
    CompletionSettings job = settings.job();
    Properties properties = CompletionJob.clientProperties(job);
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSource<UsageEvent> source =
        KafkaSource.<UsageEvent>builder()
            .setProperties(properties)
            .setBootstrapServers(job.bootstrapServers())
            .setGroupId(job.groupId())
            .setClientIdPrefix(job.jobName() + "-" + role)
            .setTopics(topic)
            .setStartingOffsets(job.startingOffsets().initializer())
            .setDeserializer(schema)
            .build();
    WatermarkStrategy<UsageEvent> watermarks =
        WatermarkStrategy.<UsageEvent>forBoundedOutOfOrderness(settings.outOfOrderness())
            .withTimestampAssigner((event, kafkaTimestampMs) -> event.timestampMs())
            .withIdleness(settings.idleness())
            .withWatermarkAlignment(ALIGNMENT_GROUP, MAX_DRIFT, DRIFT_CHECK_INTERVAL);
    return env.fromSource(source, watermarks, topic, AnalyticsOutputs.EVENT_TYPE).uid(role);
  }

  private static <T extends SpecificRecord> void addSink(
      DataStream<OutputRecord<T>> rows,
      AnalyticsSettings settings,
      RegistryAccess registry,
      String topic,
      String role,
      Class<T> valueClass) {
    rows.sinkTo(CompletionJob.resultSink(settings.job(), registry, topic, role, valueClass))
        .name(topic)
        .uid("rows-of-" + role);
  }
}
