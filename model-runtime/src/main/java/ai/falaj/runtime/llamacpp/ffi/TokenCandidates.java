package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * Tokens to put before a {@link GrammarSampler}: {@code struct llama_token_data_array}. Reused from
 * step to step, as a large vocabulary takes megabytes. Confined to the thread that decodes.
 */
public final class TokenCandidates implements AutoCloseable {

  /** {@code struct llama_token_data}: id, logit and probability. */
  private static final int INTS_PER_TOKEN = 3;

  /** Pointer, size, selected and sorted. */
  private static final int ARRAY_BYTES = 32;

  private static final int REJECTED = Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);

  private final int[] staging;
  private final Memory data;
  private final Memory array;
  private int size;

  /**
   * @param capacity in tokens
   */
  public TokenCandidates(int capacity) {
    staging = new int[capacity * INTS_PER_TOKEN];
    data = new Memory((long) staging.length * Integer.BYTES);
    array = new Memory(ARRAY_BYTES);
    array.clear();
    array.setPointer(0, data);
  }

  public void clear() {
    size = 0;
  }

  public int size() {
    return size;
  }

  public int token(int index) {
    return staging[index * INTS_PER_TOKEN];
  }

  public void add(int token) {
    int at = size++ * INTS_PER_TOKEN;
    staging[at] = token;
    staging[at + 1] = 0;
    staging[at + 2] = 0;
  }

  /** Reads the verdicts of the last {@link GrammarSampler#apply}. */
  public void read() {
    data.read(0, staging, 0, size * INTS_PER_TOKEN);
  }

  public boolean isAllowed(int index) {
    return staging[index * INTS_PER_TOKEN + 1] != REJECTED;
  }

  @Override
  public void close() {
    data.close();
    array.close();
  }

  void requireIn(Vocabulary vocabulary) {
    for (int i = 0; i < size; i++) {
      int token = token(i);
      if (token < 0 || token >= vocabulary.size()) {
        throw new IllegalArgumentException(
            "token " + token + " is not in the vocabulary of " + vocabulary.size());
      }
    }
  }

  /** Writes the tokens to native memory. */
  Pointer pointer() {
    data.write(0, staging, 0, size * INTS_PER_TOKEN);
    if (Native.SIZE_T_SIZE == Long.BYTES) {
      array.setLong(Native.POINTER_SIZE, size);
    } else {
      array.setInt(Native.POINTER_SIZE, size);
    }
    return array;
  }
}
