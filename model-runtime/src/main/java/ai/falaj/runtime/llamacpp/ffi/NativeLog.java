package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.CallbackReference;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/**
 * llama.cpp's log, which would otherwise go to standard error.
 *
 * <p>Between loads the callback is a native function that does nothing: a Java callback that
 * outlives its class loader, as in a stopped Flink job, would crash the JVM at the next line. A
 * Java callback is installed only while a thread is inside {@link #lastErrorOf}. Any thread; one
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

  /** What a call logged last as an error beside what it returned. */
  record Captured<T>(T value, String lastError) {}

  static synchronized <T> Captured<T> lastErrorOf(Callable<T> call) throws Exception {
    AtomicReference<String> lastError = new AtomicReference<>("");
    LlamaLibrary.LogCallback callback =
        (level, text, userData) -> {
          if (level == LEVEL_ERROR && text != null && !text.isBlank()) {
            lastError.set(text.strip());
          }
        };
    Pointer pointer = CallbackReference.getFunctionPointer(callback);
    LlamaLibrary.llama_log_set(pointer, null);
    try {
      T value = call.call();
      return new Captured<>(value, lastError.get());
    } finally {
      silence();
      java.lang.ref.Reference.reachabilityFence(callback);
    }
  }
}
