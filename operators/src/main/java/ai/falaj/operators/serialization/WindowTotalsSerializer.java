package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.WindowTotals;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes windows into checkpoints. */
public final class WindowTotalsSerializer extends StatelessSerializer<WindowTotals> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  /** Writes its own layout in front of each history. */
  private final LabelHistorySerializer histories = new LabelHistorySerializer();

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(WindowTotals value, DataOutputView target) throws IOException {
    UsageTotalsFields.write(value.totals(), target);
    target.writeBoolean(value.closed());
    target.writeBoolean(value.changed());
    histories.serialize(value.usual(), target);
  }

  @Override
  WindowTotals read(int layout, DataInputView source) throws IOException {
    return new WindowTotals(
        UsageTotalsFields.read(source),
        source.readBoolean(),
        source.readBoolean(),
        histories.deserialize(source));
  }

  @Override
  public TypeSerializerSnapshot<WindowTotals> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<WindowTotals> {
    public Snapshot() {
      super(WindowTotalsSerializer::new);
    }
  }
}
