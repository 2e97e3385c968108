package ai.falaj.jobs.completion;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.ShadowOperatorFactory;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.operators.kafka.RouteControlDeserializationSchema;
import ai.falaj.operators.routing.RouteControl;
import ai.falaj.operators.routing.Routing;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.Completion;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** The part of a completion job around the inference, where it has routes. */
final class RoutingStage {

  private final CompletionSettings settings;
  private final RoutingSettings routing;
  private final RuntimeSpec spec;
  private final RegistryAccess registry;

  RoutingStage(CompletionSettings settings, RoutingSettings routing, RuntimeSpec spec) {
    this.settings = settings;
    this.routing = routing;
    this.spec = spec;
    this.registry = RegistryAccess.of(settings.registry());
  }

  /**
   * Adds routing in front of the inference; nothing where the job has no routes.
   *
   * @param prompts as the inference would get them
   * @return what it gets instead, keyed if they were
   */
  DataStream<PromptRecord> addTo(DataStream<PromptRecord> prompts) {
    if (!routing.isRouted()) {
      return prompts;
    }
    SingleOutputStreamOperator<PromptRecord> routed =
        routing.controlTopic().isPresent()
            ? Routing.controlled(
                exchanged(prompts),
                controls(prompts, routing.controlTopic().get()),
                routing.routes(),
                spec.models())
            : Routing.fixed(prompts, routing.routes(), spec.models());
    return settings.keyed()
        ? DataStreamUtils.reinterpretAsKeyedStream(routed, new PromptKeys(), PromptKeys.TYPE)
        : routed;
  }

  /** By key where they were not, so that a cancellation still meets its prompt. */
  private DataStream<PromptRecord> exchanged(DataStream<PromptRecord> prompts) {
    if (settings.exchanged()) {
      return prompts;
    }
    CompletionJob.letBarriersOvertakePrompts(prompts.getExecutionEnvironment());
    return prompts.keyBy(new PromptKeys(), PromptKeys.TYPE);
  }

  /** From the beginning: the topic is compacted, and the table needs no state to be whole. */
  private DataStream<RouteControl> controls(DataStream<PromptRecord> prompts, String topic) {
    Properties properties = CompletionJob.clientProperties(settings);
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSource<RouteControl> source =
        KafkaSource.<RouteControl>builder()
            .setProperties(properties)
            .setBootstrapServers(settings.bootstrapServers())
            .setGroupId(settings.groupId())
            .setClientIdPrefix(settings.jobName() + "-routes")
            .setTopics(topic)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new RouteControlDeserializationSchema(registry, spec.models()))
            .build();
    return prompts
        .getExecutionEnvironment()
        .fromSource(source, WatermarkStrategy.noWatermarks(), topic, Routing.CONTROL_TYPE)
        .uid("routes");
  }

  /** Adds the shadows behind the inference, where a route may ask for some. */
  SingleOutputStreamOperator<OutputRecord<Completion>> addShadows(
      SingleOutputStreamOperator<OutputRecord<Completion>> inference) {
    if (!routing.mayShadow()) {
      return inference;
    }
    CompletionJob.addSink(
        inference
            .getSideOutput(InferenceOutputs.SHADOWS)
            .transform(
                "shadow",
                InferenceOutputs.COMPLETION_TYPE,
                new ShadowOperatorFactory(spec, settings.inference(), routing.shadow()))
            .uid("shadow"),
        routing.shadowTopic(),
        "shadows",
        CompletionJob.sink(
                settings,
                registry,
                routing.shadowTopic(),
                Completion.class,
                CompletionJob.clientProperties(settings))
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .build());
    return inference;
  }
}
