package ai.falaj.operators.serialization;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Fields that Flink's views have no method for, or one that is too small for a prompt. */
final class Fields {

  private Fields() {}

  static void writeBytes(ByteBuffer bytes, DataOutputView target) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    target.writeInt(copy.length);
    target.write(copy);
  }

  static ByteBuffer readBytes(DataInputView source) throws IOException {
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    return ByteBuffer.wrap(bytes);
  }

  static void writeOptionalBytes(Optional<ByteBuffer> bytes, DataOutputView target)
      throws IOException {
    target.writeBoolean(bytes.isPresent());
    if (bytes.isPresent()) {
      writeBytes(bytes.get(), target);
    }
  }

  static Optional<ByteBuffer> readOptionalBytes(DataInputView source) throws IOException {
    return source.readBoolean() ? Optional.of(readBytes(source)) : Optional.empty();
  }

  static void writeText(String text, DataOutputView target) throws IOException {
    writeBytes(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), target);
  }

  static String readText(DataInputView source) throws IOException {
    return new String(readBytes(source).array(), StandardCharsets.UTF_8);
  }

  static void writeOptionalText(Optional<String> text, DataOutputView target) throws IOException {
    target.writeBoolean(text.isPresent());
    if (text.isPresent()) {
      writeText(text.get(), target);
    }
  }

  static Optional<String> readOptionalText(DataInputView source) throws IOException {
    return source.readBoolean() ? Optional.of(readText(source)) : Optional.empty();
  }

  static void writeOptionalLong(OptionalLong value, DataOutputView target) throws IOException {
    target.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      target.writeLong(value.getAsLong());
    }
  }

  static OptionalLong readOptionalLong(DataInputView source) throws IOException {
    return source.readBoolean() ? OptionalLong.of(source.readLong()) : OptionalLong.empty();
  }
}
