package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class NativeHeapTest {

  private static final long BYTES = 64L << 20;

  @Test
  void seesWhatIsAllocatedAndFreed() {
    OptionalLong before = NativeHeap.bytesInUse();
    Assumptions.assumeTrue(before.isPresent(), "the C library gives no account of its memory");
    try (Memory memory = new Memory(BYTES)) {
      assertThat(memory.size()).isEqualTo(BYTES);
      assertThat(NativeHeap.bytesInUse().getAsLong() - before.getAsLong())
          .isBetween(BYTES * 3 / 4, BYTES * 5 / 4);
    }
    assertThat(NativeHeap.bytesInUse().getAsLong() - before.getAsLong()).isLessThan(BYTES / 4);
  }
}
