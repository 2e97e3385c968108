package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Tokens for one {@link LlamaContext#decode}, in native memory that is reused. Confined to the
 * thread that decodes.
 *
 * <p>Sequences must be added in ascending order: llama.cpp computes neighbouring sequences together
 * and starts another graph where the order is broken.
 */
public final class TokenBatch implements AutoCloseable {

  private final int capacity;
  private final Memory tokenMemory;
  private final Memory positionMemory;
  private final Memory sequenceMemory;
  private final Memory sequenceCountMemory;
  private final Memory sequencePointerMemory;
  private final Memory outputMemory;
  private final IntBuffer tokens;
  private final IntBuffer positions;
  private final IntBuffer sequences;
  private final ByteBuffer outputs;
  private final Structs.Batch struct = new Structs.Batch();
  private int tokenCount;
  private int outputCount;

  /**
   * @param capacity most tokens of the batch
   */
  public TokenBatch(int capacity) {
    this.capacity = capacity;
    this.tokenMemory = new Memory(4L * capacity);
    this.positionMemory = new Memory(4L * capacity);
    this.sequenceMemory = new Memory(4L * capacity);
    this.sequenceCountMemory = new Memory(4L * capacity);
    this.sequencePointerMemory = new Memory((long) Native.POINTER_SIZE * capacity);
    this.outputMemory = new Memory(capacity);
    this.tokens = ints(tokenMemory);
    this.positions = ints(positionMemory);
    this.sequences = ints(sequenceMemory);
    this.outputs = outputMemory.getByteBuffer(0, capacity);
    for (int index = 0; index < capacity; index++) {
      sequenceCountMemory.setInt(4L * index, 1);
      sequencePointerMemory.setPointer(
          (long) Native.POINTER_SIZE * index, sequenceMemory.share(4L * index));
    }
    struct.setAutoRead(false);
    struct.token = tokenMemory;
    struct.embd = Pointer.NULL;
    struct.pos = positionMemory;
    struct.nSeqId = sequenceCountMemory;
    struct.seqId = sequencePointerMemory;
    struct.logits = outputMemory;
  }

  public void clear() {
    tokenCount = 0;
    outputCount = 0;
  }

  /**
   * Adds a token.
   *
   * @param output whether its logits are wanted
   * @return the row of its logits, counted over the tokens with {@code output}; meaningless without
   */
  public int add(int token, int position, int sequence, boolean output) {
    if (tokenCount == capacity) {
      throw new IllegalStateException("the batch holds " + capacity + " tokens already");
    }
    tokens.put(tokenCount, token);
    positions.put(tokenCount, position);
    sequences.put(tokenCount, sequence);
    outputs.put(tokenCount, (byte) (output ? 1 : 0));
    tokenCount++;
    return output ? outputCount++ : -1;
  }

  /** Tokens so far. */
  public int tokenCount() {
    return tokenCount;
  }

  /** Tokens so far whose logits are wanted. */
  public int outputCount() {
    return outputCount;
  }

  @Override
  public void close() {
    for (Memory memory :
        new Memory[] {
          tokenMemory,
          positionMemory,
          sequenceMemory,
          sequenceCountMemory,
          sequencePointerMemory,
          outputMemory
        }) {
      memory.close();
    }
  }

  Structs.Batch struct() {
    struct.nTokens = tokenCount;
    return struct;
  }

  private static IntBuffer ints(Memory memory) {
    return memory.getByteBuffer(0, memory.size()).order(ByteOrder.nativeOrder()).asIntBuffer();
  }
}
