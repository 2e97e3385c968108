package ai.falaj.runtime.llamacpp;

/** Number format of KV entries, with llama.cpp's names. Smaller ones hold more and cost quality. */
public enum KvType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  BF16(30, 1, 2),
  Q8_0(8, 32, 34),
  Q5_1(7, 32, 24),
  Q5_0(6, 32, 22),
  Q4_1(3, 32, 20),
  Q4_0(2, 32, 18);

  private final int ggmlType;
  private final int blockElements;
  private final int blockBytes;

  KvType(int ggmlType, int blockElements, int blockBytes) {
    this.ggmlType = ggmlType;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** {@code enum ggml_type} of {@code ggml.h}. */
  public int ggmlType() {
    return ggmlType;
  }

  /** Elements that share a scale and are stored together; a head holds a whole number of blocks. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of this many elements, rounded down to whole blocks. */
  public long bytes(long elements) {
    return elements / blockElements * blockBytes;
  }

  /** Formats below 16 bits, whose values only flash attention can read. */
  public boolean isQuantized() {
    return blockElements > 1;
  }
}
