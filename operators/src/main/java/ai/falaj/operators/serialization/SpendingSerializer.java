package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.Spending;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes what tenants have used into checkpoints. */
public final class SpendingSerializer extends StatelessSerializer<Spending> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(Spending value, DataOutputView target) throws IOException {
    target.writeLong(value.tokens());
    target.writeLong(value.costNanos());
    target.writeInt(value.alertedTokensPercent());
    target.writeInt(value.alertedCostPercent());
  }

  @Override
  Spending read(int layout, DataInputView source) throws IOException {
    return new Spending(source.readLong(), source.readLong(), source.readInt(), source.readInt());
  }

  @Override
  public TypeSerializerSnapshot<Spending> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<Spending> {
    public Snapshot() {
      super(SpendingSerializer::new);
    }
  }
}
