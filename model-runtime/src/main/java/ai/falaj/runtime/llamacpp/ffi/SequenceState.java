package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Memory;

/**
 * KV entries of a sequence outside of its context, in memory that is freed with {@link #close}.
 * Confined to the thread that decodes.
 */
public final class SequenceState implements AutoCloseable {

  private final Memory memory;

  SequenceState(long bytes) {
    memory = new Memory(bytes);
  }

  public long bytes() {
    return memory.size();
  }

  Memory memory() {
    return memory;
  }

  /** Calling it again does nothing. */
  @Override
  public void close() {
    memory.close();
  }
}
