package ai.falaj.operators.serialization;

import ai.falaj.operators.SeenRequest;
import ai.falaj.schemas.Completion;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/** Writes what is remembered of requests; the completion goes through Avro. */
public final class SeenRequestSerializer extends ImmutableSerializer<SeenRequest> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  private final TypeSerializer<Completion> completions;

  public SeenRequestSerializer() {
    this(new AvroSerializer<>(Completion.class));
  }

  private SeenRequestSerializer(TypeSerializer<Completion> completions) {
    this.completions = completions;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(SeenRequest request, DataOutputView target) throws IOException {
    target.writeInt(request.retries());
    target.writeBoolean(request.completion().isPresent());
    if (request.completion().isPresent()) {
      completions.serialize(request.completion().get(), target);
    }
  }

  @Override
  SeenRequest read(int layout, DataInputView source) throws IOException {
    int retries = source.readInt();
    return new SeenRequest(
        retries,
        source.readBoolean() ? Optional.of(completions.deserialize(source)) : Optional.empty());
  }

  @Override
  public TypeSerializer<SeenRequest> duplicate() {
    return new SeenRequestSerializer(completions.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SeenRequestSerializer that && completions.equals(that.completions);
  }

  @Override
  public int hashCode() {
    return completions.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<SeenRequest> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schema that completions were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<SeenRequest, SeenRequestSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(SeenRequestSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(SeenRequestSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.completions};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected SeenRequestSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new SeenRequestSerializer((TypeSerializer<Completion>) nested[0]);
    }
  }
}
