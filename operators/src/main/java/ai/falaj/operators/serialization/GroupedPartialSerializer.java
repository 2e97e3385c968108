package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.GroupedPartial;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes sums of groups on their way through the network. */
public final class GroupedPartialSerializer extends StatelessSerializer<GroupedPartial> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(GroupedPartial value, DataOutputView target) throws IOException {
    Fields.writeText(value.group(), target);
    target.writeLong(value.startMs());
    UsageTotalsFields.write(value.totals(), target);
  }

  @Override
  GroupedPartial read(int layout, DataInputView source) throws IOException {
    return new GroupedPartial(
        Fields.readText(source), source.readLong(), UsageTotalsFields.read(source));
  }

  @Override
  public TypeSerializerSnapshot<GroupedPartial> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<GroupedPartial> {
    public Snapshot() {
      super(GroupedPartialSerializer::new);
    }
  }
}
