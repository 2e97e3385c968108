package ai.falaj.jobs.enrich;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes {@link EnrichedRow}s, between tasks only: they are in no state. */
final class EnrichedRowSerializer extends TypeSerializer<EnrichedRow> {

  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(EnrichedRow row, DataOutputView target) throws IOException {
    target.writeBoolean(row.key().isPresent());
    if (row.key().isPresent()) {
      byte[] key = new byte[row.key().get().remaining()];
      row.key().get().duplicate().get(key);
      writeBytes(key, target);
    }
    writeBytes(row.value(), target);
    target.writeBoolean(row.traceparent().isPresent());
    if (row.traceparent().isPresent()) {
      target.writeUTF(row.traceparent().get());
    }
  }

  @Override
  public EnrichedRow deserialize(DataInputView source) throws IOException {
    Optional<ByteBuffer> key =
        source.readBoolean() ? Optional.of(ByteBuffer.wrap(readBytes(source))) : Optional.empty();
    byte[] value = readBytes(source);
    return new EnrichedRow(
        key, value, source.readBoolean() ? Optional.of(source.readUTF()) : Optional.empty());
  }

  private static void writeBytes(byte[] bytes, DataOutputView target) throws IOException {
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  private static byte[] readBytes(DataInputView source) throws IOException {
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    return bytes;
  }

  @Override
  public EnrichedRow deserialize(EnrichedRow reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public EnrichedRow copy(EnrichedRow from) {
    return from;
  }

  @Override
  public EnrichedRow copy(EnrichedRow from, EnrichedRow reuse) {
    return from;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public TypeSerializer<EnrichedRow> duplicate() {
    return this;
  }

  @Override
  public EnrichedRow createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EnrichedRowSerializer;
  }

  @Override
  public int hashCode() {
    return EnrichedRowSerializer.class.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<EnrichedRow> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Nothing to remember. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<EnrichedRow> {
    public Snapshot() {
      super(EnrichedRowSerializer::new);
    }
  }
}
