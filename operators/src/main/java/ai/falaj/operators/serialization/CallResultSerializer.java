package ai.falaj.operators.serialization;

import ai.falaj.operators.reasoning.CallResult;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/** Writes results of calls; completion and dead letter go through Avro. */
public final class CallResultSerializer extends ImmutableSerializer<CallResult> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  private final TypeSerializer<Completion> completions;
  private final TypeSerializer<DeadLetter> deadLetters;

  public CallResultSerializer() {
    this(new AvroSerializer<>(Completion.class), new AvroSerializer<>(DeadLetter.class));
  }

  private CallResultSerializer(
      TypeSerializer<Completion> completions, TypeSerializer<DeadLetter> deadLetters) {
    this.completions = completions;
    this.deadLetters = deadLetters;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(CallResult result, DataOutputView target) throws IOException {
    Fields.writeText(result.problemKey(), target);
    Fields.writeText(result.callId(), target);
    target.writeBoolean(result.completion().isPresent());
    if (result.completion().isPresent()) {
      completions.serialize(result.completion().get(), target);
    } else {
      deadLetters.serialize(result.deadLetter().orElseThrow(), target);
    }
  }

  @Override
  CallResult read(int layout, DataInputView source) throws IOException {
    String problemKey = Fields.readText(source);
    String callId = Fields.readText(source);
    return source.readBoolean()
        ? new CallResult(
            problemKey, callId, Optional.of(completions.deserialize(source)), Optional.empty())
        : new CallResult(
            problemKey, callId, Optional.empty(), Optional.of(deadLetters.deserialize(source)));
  }

  @Override
  public TypeSerializer<CallResult> duplicate() {
    return new CallResultSerializer(completions.duplicate(), deadLetters.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CallResultSerializer that
        && completions.equals(that.completions)
        && deadLetters.equals(that.deadLetters);
  }

  @Override
  public int hashCode() {
    return 31 * completions.hashCode() + deadLetters.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<CallResult> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schemas that results were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<CallResult, CallResultSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(CallResultSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(CallResultSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.completions, serializer.deadLetters};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected CallResultSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new CallResultSerializer(
          (TypeSerializer<Completion>) nested[0], (TypeSerializer<DeadLetter>) nested[1]);
    }
  }
}
