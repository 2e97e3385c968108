package ai.falaj.operators.serialization;

import ai.falaj.operators.OutputRecord;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/** Writes {@link OutputRecord}s; the value inside goes through Avro. */
public final class OutputRecordSerializer<T extends SpecificRecord>
    extends ImmutableSerializer<OutputRecord<T>> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  private final TypeSerializer<T> values;

  public OutputRecordSerializer(Class<T> valueClass) {
    this(new AvroSerializer<>(valueClass));
  }

  private OutputRecordSerializer(TypeSerializer<T> values) {
    this.values = values;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(OutputRecord<T> record, DataOutputView target) throws IOException {
    Fields.writeOptionalText(record.key(), target);
    Fields.writeOptionalText(record.traceparent(), target);
    values.serialize(record.value(), target);
  }

  @Override
  OutputRecord<T> read(int layout, DataInputView source) throws IOException {
    var key = Fields.readOptionalText(source);
    var traceparent = Fields.readOptionalText(source);
    return new OutputRecord<>(key, values.deserialize(source), traceparent);
  }

  @Override
  public TypeSerializer<OutputRecord<T>> duplicate() {
    return new OutputRecordSerializer<>(values.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutputRecordSerializer<?> that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<OutputRecord<T>> snapshotConfiguration() {
    return new Snapshot<>(this);
  }

  /** Holds the Avro schema that values were written with. */
  public static final class Snapshot<T extends SpecificRecord>
      extends CompositeTypeSerializerSnapshot<OutputRecord<T>, OutputRecordSerializer<T>> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(OutputRecordSerializer<T> serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(OutputRecordSerializer<T> serializer) {
      return new TypeSerializer<?>[] {serializer.values};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected OutputRecordSerializer<T> createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new OutputRecordSerializer<>((TypeSerializer<T>) nested[0]);
    }
  }
}
