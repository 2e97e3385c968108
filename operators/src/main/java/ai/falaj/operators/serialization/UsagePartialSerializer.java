package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.Cell;
import ai.falaj.operators.analytics.UsagePartial;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes sums of cells on their way through the network. */
public final class UsagePartialSerializer extends StatelessSerializer<UsagePartial> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(UsagePartial value, DataOutputView target) throws IOException {
    Cell cell = value.cell();
    target.writeBoolean(cell.attributed());
    Fields.writeText(cell.tenant(), target);
    Fields.writeText(cell.model(), target);
    Fields.writeText(cell.template(), target);
    target.writeLong(value.startMs());
    UsageTotalsFields.write(value.totals(), target);
  }

  @Override
  UsagePartial read(int layout, DataInputView source) throws IOException {
    Cell cell =
        new Cell(
            source.readBoolean(),
            Fields.readText(source),
            Fields.readText(source),
            Fields.readText(source));
    return new UsagePartial(cell, source.readLong(), UsageTotalsFields.read(source));
  }

  @Override
  public TypeSerializerSnapshot<UsagePartial> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<UsagePartial> {
    public Snapshot() {
      super(UsagePartialSerializer::new);
    }
  }
}
