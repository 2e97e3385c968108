package ai.falaj.jobs.completion;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.operators.kafka.ToolRequestSerializationSchema;
import ai.falaj.operators.kafka.ToolResponseDeserializationSchema;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ToolRequest;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The loop of a completion job through the tools: calls leave on one topic, and their answers join
 * the prompts. Nothing loops inside the job graph, which would keep Flink from taking checkpoints
 * of it: the loop is closed by whoever runs the tools.
 */
final class ToolStage {

  private final CompletionSettings settings;
  private final RegistryAccess registry;

  ToolStage(CompletionSettings settings) {
    this.settings = settings;
    this.registry = RegistryAccess.of(settings.registry());
  }

  /** Adds the answers to the prompts, where the job calls tools. */
  DataStream<PromptRecord> joinTo(DataStream<PromptRecord> prompts) {
    if (!settings.inference().tools().enabled()) {
      return prompts;
    }
    Properties properties = CompletionJob.clientProperties(settings);
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSource<PromptRecord> source =
        KafkaSource.<PromptRecord>builder()
            .setProperties(properties)
            .setBootstrapServers(settings.bootstrapServers())
            .setGroupId(settings.groupId())
            .setClientIdPrefix(settings.jobName() + "-tool-responses")
            .setTopics(settings.toolTopics().responses())
            .setStartingOffsets(settings.startingOffsets().initializer())
            .setDeserializer(new ToolResponseDeserializationSchema(registry))
            .build();
    return prompts.union(
        prompts
            .getExecutionEnvironment()
            .fromSource(
                source,
                WatermarkStrategy.noWatermarks(),
                settings.toolTopics().responses(),
                InferenceOutputs.PROMPT_TYPE)
            .uid("tool-responses"));
  }

  /** Adds the sink of the calls, where the job calls tools. */
  void addSink(SingleOutputStreamOperator<OutputRecord<Completion>> completions) {
    if (!settings.inference().tools().enabled()) {
      return;
    }
    ToolTopics topics = settings.toolTopics();
    Properties properties = CompletionJob.clientProperties(settings);
    if (topics.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.setProperty(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          Long.toString(settings.transactionTimeout().toMillis()));
    }
    KafkaSinkBuilder<OutputRecord<ToolRequest>> sink =
        KafkaSink.<OutputRecord<ToolRequest>>builder()
            .setKafkaProducerConfig(properties)
            .setBootstrapServers(settings.bootstrapServers())
            .setRecordSerializer(
                new ToolRequestSerializationSchema(
                    topics.requests(), registry, settings.autoRegisterSchemas()))
            .setDeliveryGuarantee(topics.delivery())
            .setTransactionalIdPrefix(settings.jobName() + "-tool-requests");
    CompletionJob.addSink(
        completions.getSideOutput(InferenceOutputs.TOOL_REQUESTS),
        topics.requests(),
        "tool-requests",
        sink.build());
  }
}
