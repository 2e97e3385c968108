package ai.falaj.runtime.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Writes small GGUF files (version 3, little-endian, F32 tensors) for tests. The whole file is
 * built in memory. Confined to one thread.
 */
public final class GgufBuilder {

  private static final int MAGIC = 0x46554747;
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;

  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int TENSOR_F32 = 0;

  private final Bytes metadata = new Bytes();
  private final Bytes tensorInfos = new Bytes();
  private final Bytes data = new Bytes();
  private int metadataCount;
  private int tensorCount;

  public GgufBuilder text(String key, String value) {
    return entry(key, STRING, bytes -> bytes.text(value));
  }

  public GgufBuilder uint32(String key, int value) {
    return entry(key, UINT32, bytes -> bytes.int32(value));
  }

  public GgufBuilder float32(String key, float value) {
    return entry(key, FLOAT32, bytes -> bytes.int32(Float.floatToIntBits(value)));
  }

  public GgufBuilder bool(String key, boolean value) {
    return entry(key, BOOL, bytes -> bytes.int8(value ? 1 : 0));
  }

  public GgufBuilder texts(String key, List<String> values) {
    return array(key, STRING, values.size(), bytes -> values.forEach(bytes::text));
  }

  public GgufBuilder int32s(String key, List<Integer> values) {
    return array(key, INT32, values.size(), bytes -> values.forEach(bytes::int32));
  }

  /**
   * Adds an F32 tensor.
   *
   * @param dimensions lengths, the row's first, as ggml orders them
   * @param values element by index
   */
  public GgufBuilder tensor(String name, IntToDoubleFunction values, int... dimensions) {
    tensorInfos.text(name).int32(dimensions.length);
    int elements = 1;
    for (int length : dimensions) {
      tensorInfos.int64(length);
      elements *= length;
    }
    tensorInfos.int32(TENSOR_F32).int64(data.size());
    for (int i = 0; i < elements; i++) {
      data.int32(Float.floatToIntBits((float) values.applyAsDouble(i)));
    }
    data.padTo(ALIGNMENT);
    tensorCount++;
    return this;
  }

  /** The file's content. */
  public byte[] build() {
    Bytes file = new Bytes();
    file.int32(MAGIC).int32(VERSION).int64(tensorCount).int64(metadataCount);
    file.append(metadata).append(tensorInfos).padTo(ALIGNMENT);
    file.append(data);
    return file.toByteArray();
  }

  public Path writeTo(Path file) throws IOException {
    return Files.write(file, build());
  }

  private interface Content {
    void writeTo(Bytes bytes);
  }

  private GgufBuilder entry(String key, int type, Content value) {
    metadata.text(key).int32(type);
    value.writeTo(metadata);
    metadataCount++;
    return this;
  }

  private GgufBuilder array(String key, int elementType, int count, Content elements) {
    return entry(
        key,
        ARRAY,
        bytes -> {
          bytes.int32(elementType).int64(count);
          elements.writeTo(bytes);
        });
  }

  /** A growing little-endian byte sequence. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteBuffer scratch = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    Bytes int8(int value) {
      out.write(value);
      return this;
    }

    Bytes int32(int value) {
      out.write(scratch.clear().putInt(value).array(), 0, 4);
      return this;
    }

    Bytes int64(long value) {
      out.write(scratch.clear().putLong(value).array(), 0, 8);
      return this;
    }

    Bytes text(String value) {
      byte[] content = value.getBytes(StandardCharsets.UTF_8);
      int64(content.length);
      out.writeBytes(content);
      return this;
    }

    Bytes append(Bytes other) {
      out.writeBytes(other.toByteArray());
      return this;
    }

    Bytes padTo(int alignment) {
      while (out.size() % alignment != 0) {
        out.write(0);
      }
      return this;
    }

    int size() {
      return out.size();
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }
  }
}
