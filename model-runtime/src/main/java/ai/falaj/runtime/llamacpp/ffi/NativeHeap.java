package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The C library's heap, where llama.cpp keeps everything but its large buffers: a context of a
 * million KV entries takes tens of MB there. Any thread.
 */
public final class NativeHeap {

  private static final Logger LOG = LoggerFactory.getLogger(NativeHeap.class);

  private NativeHeap() {}

  /**
   * Gives what was freed back to the system. glibc keeps it for the thread that had it, and each
   * loaded model has a thread of its own: 32 loads of one model, one after the other, were seen to
   * hold 450 MB that nobody used. Does nothing where the C library has no such call.
   */
  public static void trim() {
    if (!Platform.isLinux()) {
      return;
    }
    try {
      NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
          .getFunction("malloc_trim")
          .invokeInt(new Object[] {0L});
    } catch (UnsatisfiedLinkError notGlibc) {
      LOG.debug("The C library cannot trim its heap", notGlibc);
    }
  }
}
