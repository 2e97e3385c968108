package ai.falaj.runtime.llamacpp;

/** Number format of KV entries, with llama.cpp's names. Smaller ones hold more and cost quality. */
public enum KvType {
  F32(0),
  F16(1),
  BF16(30),
  Q8_0(8),
  Q5_1(7),
  Q5_0(6),
  Q4_1(3),
  Q4_0(2);

  private final int ggmlType;

  KvType(int ggmlType) {
    this.ggmlType = ggmlType;
  }

  /** {@code enum ggml_type} of {@code ggml.h}. */
  public int ggmlType() {
    return ggmlType;
  }
}
