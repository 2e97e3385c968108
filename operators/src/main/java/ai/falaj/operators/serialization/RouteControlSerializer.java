package ai.falaj.operators.serialization;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.routing.RouteChange;
import ai.falaj.operators.routing.RouteControl;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes what travels from the control topic to the subtasks that route. */
public final class RouteControlSerializer extends ImmutableSerializer<RouteControl> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;
  private static final int CHANGE = 0;
  private static final int REFUSAL = 1;

  private final TypeSerializer<RouteChange> changes;
  private final TypeSerializer<PromptRecord> letters;

  public RouteControlSerializer() {
    this(new RouteChangeSerializer(), new PromptRecordSerializer());
  }

  private RouteControlSerializer(
      TypeSerializer<RouteChange> changes, TypeSerializer<PromptRecord> letters) {
    this.changes = changes;
    this.letters = letters;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(RouteControl control, DataOutputView target) throws IOException {
    if (control instanceof RouteControl.Change change) {
      target.writeByte(CHANGE);
      Fields.writeText(change.key(), target);
      changes.serialize(change.change(), target);
    } else if (control instanceof RouteControl.Refusal refusal) {
      target.writeByte(REFUSAL);
      letters.serialize(refusal.letter(), target);
    }
  }

  @Override
  RouteControl read(int layout, DataInputView source) throws IOException {
    int kind = source.readByte();
    return switch (kind) {
      case CHANGE -> new RouteControl.Change(Fields.readText(source), changes.deserialize(source));
      case REFUSAL -> new RouteControl.Refusal(letters.deserialize(source));
      default -> throw new IOException("unknown kind of route control: " + kind);
    };
  }

  @Override
  public TypeSerializer<RouteControl> duplicate() {
    return new RouteControlSerializer(changes.duplicate(), letters.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RouteControlSerializer that
        && changes.equals(that.changes)
        && letters.equals(that.letters);
  }

  @Override
  public int hashCode() {
    return 31 * changes.hashCode() + letters.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<RouteControl> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds what the nested serializers need. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<RouteControl, RouteControlSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(RouteControlSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(RouteControlSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.changes, serializer.letters};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected RouteControlSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new RouteControlSerializer(
          (TypeSerializer<RouteChange>) nested[0], (TypeSerializer<PromptRecord>) nested[1]);
    }
  }
}
