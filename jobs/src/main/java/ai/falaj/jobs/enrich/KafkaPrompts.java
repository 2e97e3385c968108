package ai.falaj.jobs.enrich;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.kafka.TraceContext;
import java.util.Objects;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Makes prompts of a topic's records. A registry that is out of reach fails the job, which reads
 * them again. Confined to the task thread of the source.
 */
final class KafkaPrompts implements KafkaRecordDeserializationSchema<PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final Prompting prompting;

  private transient PromptMaker prompts;

  KafkaPrompts(Prompting prompting) {
    this.prompting = Objects.requireNonNull(prompting, "prompting");
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    prompts = prompting.open();
  }

  @Override
  public void deserialize(
      ConsumerRecord<byte[], byte[]> record, Collector<PromptRecord> collector) {
    collector.collect(
        prompts.prompt(
            new RecordOrigin(record.topic(), record.partition(), record.offset()),
            record.timestamp(),
            record.key(),
            record.value(),
            TraceContext.read(record.headers())));
  }

  @Override
  public TypeInformation<PromptRecord> getProducedType() {
    return InferenceOutputs.PROMPT_TYPE;
  }
}
