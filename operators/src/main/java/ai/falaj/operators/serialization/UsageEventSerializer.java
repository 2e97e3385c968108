package ai.falaj.operators.serialization;

import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.operators.analytics.UsageEvent.Answered;
import ai.falaj.operators.analytics.UsageEvent.Fact;
import ai.falaj.operators.analytics.UsageEvent.Failed;
import ai.falaj.operators.analytics.UsageEvent.Streamed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes usage events, where a source is not chained to what sums them up. */
public final class UsageEventSerializer extends StatelessSerializer<UsageEvent> {

  private static final long serialVersionUID = 1L;

  private static final int LAYOUT = 1;

  private static final byte ANSWERED = 1;
  private static final byte FAILED = 2;
  private static final byte STREAMED = 3;

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(UsageEvent value, DataOutputView target) throws IOException {
    target.writeLong(value.timestampMs());
    Fields.writeText(value.tenant(), target);
    Fields.writeText(value.model(), target);
    Fields.writeText(value.template(), target);
    if (value.fact() instanceof Answered answered) {
      target.writeByte(ANSWERED);
      write(answered, target);
    } else if (value.fact() instanceof Failed failed) {
      target.writeByte(FAILED);
      Fields.writeText(failed.errorCode(), target);
    } else {
      target.writeByte(STREAMED);
      target.writeInt(((Streamed) value.fact()).tokens());
    }
  }

  private static void write(Answered answered, DataOutputView target) throws IOException {
    target.writeInt(answered.promptTokens());
    target.writeInt(answered.cachedTokens());
    target.writeInt(answered.reasoningTokens());
    target.writeInt(answered.completionTokens());
    target.writeLong(answered.timeToFirstTokenMs());
    target.writeLong(answered.totalMs());
    Fields.writeText(answered.finishReason(), target);
    target.writeBoolean(answered.priced());
    target.writeLong(answered.costNanos());
    target.writeInt(answered.labels().size());
    for (String label : answered.labels()) {
      Fields.writeText(label, target);
    }
  }

  @Override
  UsageEvent read(int layout, DataInputView source) throws IOException {
    return new UsageEvent(
        source.readLong(),
        Fields.readText(source),
        Fields.readText(source),
        Fields.readText(source),
        readFact(source));
  }

  private static Fact readFact(DataInputView source) throws IOException {
    byte kind = source.readByte();
    return switch (kind) {
      case ANSWERED -> readAnswered(source);
      case FAILED -> new Failed(Fields.readText(source));
      case STREAMED -> new Streamed(source.readInt());
      default -> throw new IOException("unknown kind of usage event: " + kind);
    };
  }

  private static Answered readAnswered(DataInputView source) throws IOException {
    return new Answered(
        source.readInt(),
        source.readInt(),
        source.readInt(),
        source.readInt(),
        source.readLong(),
        source.readLong(),
        Fields.readText(source),
        source.readBoolean(),
        source.readLong(),
        readLabels(source));
  }

  private static List<String> readLabels(DataInputView source) throws IOException {
    int size = source.readInt();
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      labels.add(Fields.readText(source));
    }
    return labels;
  }

  @Override
  public TypeSerializerSnapshot<UsageEvent> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Names the serializer in checkpoints. */
  public static final class Snapshot extends StatelessSerializer.Snapshot<UsageEvent> {
    public Snapshot() {
      super(UsageEventSerializer::new);
    }
  }
}
