package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.LabelHistory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes what is usual for labels into checkpoints. */
public final class LabelHistorySerializer extends StatelessSerializer<LabelHistory> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(LabelHistory value, DataOutputView target) throws IOException {
    target.writeLong(value.windows());
    target.writeLong(value.lastStartMs());
    target.writeInt(value.means().size());
    for (Map.Entry<String, Double> mean : new TreeMap<>(value.means()).entrySet()) {
      Fields.writeText(mean.getKey(), target);
      target.writeDouble(mean.getValue());
    }
  }

  @Override
  LabelHistory read(int layout, DataInputView source) throws IOException {
    long windows = source.readLong();
    long lastStartMs = source.readLong();
    int labels = source.readInt();
    Map<String, Double> means = new HashMap<>();
    for (int i = 0; i < labels; i++) {
      means.put(Fields.readText(source), source.readDouble());
    }
    return new LabelHistory(windows, lastStartMs, means);
  }

  @Override
  public TypeSerializerSnapshot<LabelHistory> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<LabelHistory> {
    public Snapshot() {
      super(LabelHistorySerializer::new);
    }
  }
}
