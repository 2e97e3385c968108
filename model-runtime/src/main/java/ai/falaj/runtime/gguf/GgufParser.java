package ai.falaj.runtime.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one GGUF file from its first byte to the last tensor's description and checks that each
 * tensor lies inside the file. The same rules as llama.cpp 0.5.0's own reader, plus bounds: what it
 * holds in memory is at most {@link #MAX_KEPT_BYTES} of text, {@link #MAX_TENSORS} names and small
 * change, whatever the file says. Confined to one thread; used once.
 */
final class GgufParser {

  static final int MAX_METADATA_ENTRIES = 65_536;
  static final int MAX_TENSORS = 65_536;
  static final int MAX_KEY_BYTES = 65_535;
  static final int MAX_TENSOR_NAME_BYTES = 63;
  static final int MAX_DIMENSIONS = 4;
  static final int MAX_KEPT_BYTES = 16 * 1024 * 1024;
  static final int MAX_KEPT_INTEGERS = 4_096;

  private static final int MAGIC = 0x46554747; // "GGUF" read as a little-endian integer
  private static final long DEFAULT_ALIGNMENT = 32;

  private final Path file;
  private final GgufInput in;
  private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
  private final Map<GgmlType, Long> bytesByType = new EnumMap<>(GgmlType.class);
  private int keptBytesLeft = MAX_KEPT_BYTES;
  private long tensorBytes;
  private long layerBytes;
  private long outputBytes;
  private long embeddingBytes;
  private long parameters;

  GgufParser(Path file, GgufInput in) {
    this.file = file;
    this.in = in;
  }

  /** What the header needs to know. */
  record Parsed(
      int version,
      Map<String, GgufValue> metadata,
      int tensorCount,
      GgufTensorBytes tensorBytes,
      long parameters,
      Map<GgmlType, Long> bytesByType) {}

  Parsed parse() throws IOException, GgufException {
    int version = readPreamble();
    long tensorCount = in.readLong("the tensor count");
    long metadataCount = in.readLong("the metadata count");
    requireCount("tensors", tensorCount, MAX_TENSORS);
    requireCount("metadata entries", metadataCount, MAX_METADATA_ENTRIES);
    for (int i = 0; i < metadataCount; i++) {
      readMetadataEntry(i);
    }
    readTensors((int) tensorCount, alignment());
    long output = outputBytes > 0 ? outputBytes : embeddingBytes;
    return new Parsed(
        version,
        metadata,
        (int) tensorCount,
        new GgufTensorBytes(layerBytes, output, tensorBytes),
        parameters,
        bytesByType);
  }

  private int readPreamble() throws IOException, GgufException {
    if (in.size() == 0) {
      throw damaged("is empty");
    }
    int magic = in.readInt("the magic number");
    if (magic != MAGIC) {
      throw NotGguf.describe(file, magic);
    }
    int version = in.readInt("the version");
    if (version == 2 || version == 3) {
      return version;
    }
    if (version == 1) {
      throw new GgufException(
          file,
          "is GGUF version 1, which llama.cpp no longer reads",
          "get a newer conversion of it");
    }
    if ((version & 0xFFFF) == 0) {
      throw new GgufException(
          file, "is a big-endian GGUF file", "get the little-endian conversion of this model");
    }
    throw new GgufException(
        file,
        "is GGUF version " + Integer.toUnsignedString(version) + "; versions 2 and 3 are known",
        GgufHeader.DOWNLOAD_AGAIN);
  }

  private void readMetadataEntry(int index) throws IOException, GgufException {
    String what = "metadata entry " + index;
    long keyBytes = in.readLong(what);
    if (keyBytes < 1 || keyBytes > MAX_KEY_BYTES) {
      throw damaged(
          "has a key of "
              + Long.toUnsignedString(keyBytes)
              + " bytes in "
              + what
              + " (1 to "
              + MAX_KEY_BYTES
              + " are allowed)");
    }
    if (keyBytes > keptBytesLeft) {
      throw damaged("has more than " + MAX_KEPT_BYTES + " bytes of metadata text");
    }
    String key = in.readText((int) keyBytes, what);
    keptBytesLeft -= (int) keyBytes;
    if (metadata.containsKey(key)) {
      throw damaged("has the metadata key " + printable(key) + " twice");
    }
    metadata.put(key, readValue(key));
  }

  private GgufValue readValue(String key) throws IOException, GgufException {
    String what = "metadata key " + printable(key);
    long typeId = Integer.toUnsignedLong(in.readInt(what));
    return switch (GgufValueType.byId(typeId).orElseThrow(() -> unknownType(what, typeId))) {
      case FLOAT32 -> new GgufValue.Real(Float.intBitsToFloat(in.readInt(what)), true);
      case FLOAT64 -> new GgufValue.Real(Double.longBitsToDouble(in.readLong(what)), false);
      case BOOL -> new GgufValue.Flag(in.readByte(what) != 0);
      case STRING -> readTextValue(what);
      case ARRAY -> readArray(what);
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 ->
          new GgufValue.Whole(readInteger(GgufValueType.byId(typeId).orElseThrow(), what));
    };
  }

  private GgufValue readTextValue(String what) throws IOException, GgufException {
    long bytes = in.readLong(what);
    if (bytes < 0 || bytes > in.remaining()) {
      throw tooLong(what, bytes);
    }
    if (bytes > keptBytesLeft) {
      in.skip(bytes, what);
      return new GgufValue.SkippedText(bytes);
    }
    keptBytesLeft -= (int) bytes;
    return new GgufValue.Text(in.readText((int) bytes, what));
  }

  private GgufValue readArray(String what) throws IOException, GgufException {
    long typeId = Integer.toUnsignedLong(in.readInt(what));
    GgufValueType type = GgufValueType.byId(typeId).orElseThrow(() -> unknownType(what, typeId));
    if (type == GgufValueType.ARRAY) {
      throw damaged("has an array of arrays in " + what);
    }
    long count = in.readLong(what);
    // Every element has at least one byte (a text has eight for its length): no count can be beyond
    // what is left of the file.
    if (count < 0 || count > in.remaining() / type.minimumBytes()) {
      throw tooLong(what, count);
    }
    if (type == GgufValueType.STRING) {
      for (long i = 0; i < count; i++) {
        long bytes = in.readLong(what);
        if (bytes < 0 || bytes > in.remaining()) {
          throw tooLong(what, bytes);
        }
        in.skip(bytes, what);
      }
      return new GgufValue.Array(count, List.of());
    }
    if (type.isInteger() && count <= MAX_KEPT_INTEGERS && count * Long.BYTES <= keptBytesLeft) {
      keptBytesLeft -= (int) count * Long.BYTES;
      List<Long> integers = new ArrayList<>((int) count);
      for (long i = 0; i < count; i++) {
        integers.add(readInteger(type, what));
      }
      return new GgufValue.Array(count, integers);
    }
    in.skip(count * type.minimumBytes(), what);
    return new GgufValue.Array(count, List.of());
  }

  private long readInteger(GgufValueType type, String what) throws IOException, GgufException {
    return switch (type) {
      case UINT8 -> Byte.toUnsignedLong(in.readByte(what));
      case INT8 -> in.readByte(what);
      case UINT16 -> Short.toUnsignedLong(in.readShort(what));
      case INT16 -> in.readShort(what);
      case UINT32 -> Integer.toUnsignedLong(in.readInt(what));
      case INT32 -> in.readInt(what);
      case UINT64, INT64 -> in.readLong(what);
      case FLOAT32, FLOAT64, BOOL, STRING, ARRAY ->
          throw new IllegalArgumentException(type + " is no integer type");
    };
  }

  private long alignment() throws GgufException {
    GgufValue value = metadata.get("general.alignment");
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (value instanceof GgufValue.Whole whole
        && whole.value() > 0
        && whole.value() <= Integer.MAX_VALUE
        && Long.bitCount(whole.value()) == 1) {
      return whole.value();
    }
    throw damaged("has a general.alignment that is no power of two");
  }

  private void readTensors(int count, long alignment) throws IOException, GgufException {
    Set<String> names = new HashSet<>();
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Tensor tensor = readTensor(i);
      if (!names.add(tensor.name())) {
        throw damaged("has the tensor " + printable(tensor.name()) + " twice");
      }
      tensors.add(tensor);
    }
    long dataStart = roundUp(in.position(), alignment);
    long expectedOffset = 0;
    for (Tensor tensor : tensors) {
      if (tensor.offset() != expectedOffset) {
        throw damaged(
            "has the data of tensor "
                + printable(tensor.name())
                + " at offset "
                + Long.toUnsignedString(tensor.offset())
                + " where "
                + expectedOffset
                + " is expected");
      }
      long end =
          addOrDamaged(tensor, addOrDamaged(tensor, dataStart, tensor.offset()), tensor.bytes());
      if (end > in.size()) {
        throw in.truncated(
            "the data of tensor " + printable(tensor.name()) + " (" + end + " bytes are needed)");
      }
      expectedOffset = roundUp(tensor.offset() + tensor.bytes(), alignment);
      tensorBytes += tensor.bytes();
      countPlace(tensor);
      bytesByType.merge(tensor.type(), tensor.bytes(), Long::sum);
    }
  }

  private void countPlace(Tensor tensor) {
    if (tensor.name().startsWith("blk.")) {
      layerBytes += tensor.bytes();
    } else if (tensor.name().startsWith("output")) {
      outputBytes += tensor.bytes();
    } else if (tensor.name().startsWith("token_embd")) {
      embeddingBytes += tensor.bytes();
    }
  }

  private record Tensor(String name, GgmlType type, long offset, long bytes) {}

  private Tensor readTensor(int index) throws IOException, GgufException {
    String what = "the description of tensor " + index;
    long nameBytes = in.readLong(what);
    if (nameBytes < 0 || nameBytes > MAX_TENSOR_NAME_BYTES) {
      throw damaged(
          "has a name of "
              + Long.toUnsignedString(nameBytes)
              + " bytes in "
              + what
              + " (at most "
              + MAX_TENSOR_NAME_BYTES
              + " are allowed)");
    }
    String name = in.readText((int) nameBytes, what);
    long dimensions = Integer.toUnsignedLong(in.readInt(what));
    if (dimensions > MAX_DIMENSIONS) {
      throw damaged(
          "has "
              + dimensions
              + " dimensions in tensor "
              + printable(name)
              + " (at most "
              + MAX_DIMENSIONS
              + " are allowed)");
    }
    long rowElements = 1;
    long elements = 1;
    for (int i = 0; i < dimensions; i++) {
      long length = in.readLong(what);
      if (length < 0) {
        throw damaged("has a negative dimension in tensor " + printable(name));
      }
      rowElements = i == 0 ? length : rowElements;
      elements = multiplyOrDamaged(name, elements, length);
    }
    long typeId = Integer.toUnsignedLong(in.readInt(what));
    GgmlType type =
        GgmlType.byId(typeId)
            .orElseThrow(
                () ->
                    new GgufException(
                        file,
                        "has tensor " + printable(name) + " of the unknown ggml type " + typeId,
                        "llama.cpp 0.5.0 cannot read it: choose another quantization, or "
                            + GgufHeader.DOWNLOAD_AGAIN));
    if (rowElements % type.blockElements() != 0) {
      throw damaged(
          "has rows of "
              + rowElements
              + " elements in tensor "
              + printable(name)
              + ", no multiple of the "
              + type.blockElements()
              + " of a "
              + type
              + " block");
    }
    parameters = addParameters(name, elements);
    try {
      return new Tensor(name, type, in.readLong(what), type.bytes(elements));
    } catch (ArithmeticException e) {
      throw tooManyElements(name);
    }
  }

  private long addParameters(String name, long elements) throws GgufException {
    try {
      return Math.addExact(parameters, elements);
    } catch (ArithmeticException e) {
      throw tooManyElements(name);
    }
  }

  private long multiplyOrDamaged(String name, long a, long b) throws GgufException {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw tooManyElements(name);
    }
  }

  private long addOrDamaged(Tensor tensor, long a, long b) throws GgufException {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException e) {
      throw tooManyElements(tensor.name());
    }
  }

  private GgufException tooManyElements(String name) {
    return damaged("has more elements than fit anywhere in tensor " + printable(name));
  }

  private static long roundUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  private void requireCount(String what, long count, int max) throws GgufException {
    if (count < 0 || count > max) {
      throw damaged(
          "claims "
              + Long.toUnsignedString(count)
              + " "
              + what
              + " (at most "
              + max
              + " are allowed)");
    }
  }

  private GgufException tooLong(String what, long length) {
    return damaged(
        "claims a length of "
            + Long.toUnsignedString(length)
            + " in "
            + what
            + ", more than the rest of the file");
  }

  private GgufException unknownType(String what, long typeId) {
    return damaged("has the unknown value type " + typeId + " in " + what);
  }

  private GgufException damaged(String problem) {
    return new GgufException(file, problem, "the file is damaged: " + GgufHeader.DOWNLOAD_AGAIN);
  }

  /** Names from a damaged file may hold anything; messages are one line of printable text. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(80)
        .forEach(
            c ->
                shown.appendCodePoint(
                    Character.isISOControl(c) || !Character.isDefined(c) ? '?' : c));
    return shown.append(text.length() > 80 ? "...'" : "'").toString();
  }
}
