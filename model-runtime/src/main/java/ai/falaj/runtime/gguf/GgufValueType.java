package ai.falaj.runtime.gguf;

import java.util.Optional;

/** Types of metadata values; the order is that of their numbers in the file. */
enum GgufValueType {
  UINT8(1),
  INT8(1),
  UINT16(2),
  INT16(2),
  UINT32(4),
  INT32(4),
  FLOAT32(4),
  BOOL(1),
  STRING(8),
  ARRAY(12),
  UINT64(8),
  INT64(8),
  FLOAT64(8);

  private final int minimumBytes;

  GgufValueType(int minimumBytes) {
    this.minimumBytes = minimumBytes;
  }

  static Optional<GgufValueType> byId(long id) {
    GgufValueType[] all = values();
    return id < 0 || id >= all.length ? Optional.empty() : Optional.of(all[(int) id]);
  }

  /** Bytes of a value; for texts and arrays, of an empty one. */
  int minimumBytes() {
    return minimumBytes;
  }

  boolean isInteger() {
    return switch (this) {
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
      case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
    };
  }
}
