package ai.falaj.benchmarks.soak;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Structure;
import java.util.OptionalLong;

/** glibc's own account of the memory that native code holds; absent with other C libraries. */
final class NativeHeap {

  private NativeHeap() {}

  /**
   * Bytes that {@code malloc} and its kin have given out and not got back, in all arenas and
   * mappings: exact, where resident memory is not.
   */
  static OptionalLong bytesInUse() {
    try {
      Function mallinfo2 = NativeLibrary.getProcess().getFunction("mallinfo2");
      MallocInfo info = (MallocInfo) mallinfo2.invoke(MallocInfo.class, new Object[0]);
      return OptionalLong.of(info.uordblks.longValue() + info.hblkhd.longValue());
    } catch (UnsatisfiedLinkError e) {
      return OptionalLong.empty(); // not glibc, or older than 2.33
    }
  }

  /** Gives free memory back to the system, so that it does not count as resident. */
  static void trim() {
    try {
      NativeLibrary.getProcess()
          .getFunction("malloc_trim")
          .invokeInt(new Object[] {new NativeLong(0)});
    } catch (UnsatisfiedLinkError e) {
      // Other C libraries give it back by themselves, or never.
    }
  }

  /** {@code struct mallinfo2} of malloc.h. */
  @Structure.FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class MallocInfo extends Structure implements Structure.ByValue {
    public NativeLong arena;
    public NativeLong ordblks;
    public NativeLong smblks;
    public NativeLong hblks;

    /** Bytes in mappings of their own. */
    public NativeLong hblkhd;

    public NativeLong usmblks;
    public NativeLong fsmblks;

    /** Bytes in use in the arenas. */
    public NativeLong uordblks;

    public NativeLong fordblks;
    public NativeLong keepcost;
  }
}
