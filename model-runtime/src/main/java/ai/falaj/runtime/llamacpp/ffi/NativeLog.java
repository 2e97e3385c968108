package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.CallbackReference;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * llama.cpp's log, which would otherwise go to standard error.
 *
 * <p>Between loads the callback is a native function that does nothing: a Java callback that
 * outlives its class loader, as in a stopped Flink job, would crash the JVM at the next line. A
 * Java callback is installed only while a thread is inside {@link #capture}. Any thread; one
 * capture at a time.
 */
final class NativeLog {

  private static final int LEVEL_ERROR = 4;

  /** C's {@code int abs(int)}: reads the level, ignores the rest, does nothing. */
  private static final String HARMLESS_FUNCTION = "abs";

  private NativeLog() {}

  static void silence() {
    NativeLibrary c =
        NativeLibrary.getInstance(Platform.isWindows() ? "msvcrt" : Platform.C_LIBRARY_NAME);
    LlamaLibrary.llama_log_set(c.getFunction(HARMLESS_FUNCTION), null);
  }

  /**
   * What a call logged beside what it returned.
   *
   * @param lastError empty where there was none
   * @param buffers that it took, in order
   */
  record Captured<T>(T value, String lastError, List<BufferSize> buffers) {}

  static synchronized <T> Captured<T> capture(Callable<T> call) throws Exception {
    AtomicReference<String> lastError = new AtomicReference<>("");
    List<BufferSize> buffers = new CopyOnWriteArrayList<>();
    LlamaLibrary.LogCallback callback =
        (level, text, userData) -> {
          if (text == null || text.isBlank()) {
            return;
          }
          if (level == LEVEL_ERROR) {
            lastError.set(text.strip());
          } else {
            BufferSize.parse(text).ifPresent(buffers::add);
          }
        };
    Pointer pointer = CallbackReference.getFunctionPointer(callback);
    LlamaLibrary.llama_log_set(pointer, null);
    try {
      T value = call.call();
      return new Captured<>(value, lastError.get(), List.copyOf(buffers));
    } finally {
      silence();
      Reference.reachabilityFence(callback);
    }
  }
}
