package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Hears when ggml is about to end the process, because of a failed assertion for example.
 *
 * <p>ggml has room for one callback. It is a Java function only while somebody listens: one that
 * outlived its class loader, as in a stopped Flink job, would turn the abort into a crash of the
 * JVM. Of two class loaders in a process the one that listened last hears. Any thread.
 */
public final class AbortHook {

  /** Who hears. Whatever it does must be done when it returns: the process ends then. */
  public interface Listener {

    /** Whether the calling thread does this listener's work. */
    boolean isOfThisThread();

    /**
     * @param message where in ggml, and what was found
     */
    void onAbort(String message);
  }

  private static final List<Listener> LISTENERS = new CopyOnWriteArrayList<>();

  /** Never freed while it is installed, because it is held here. */
  private static final LlamaLibrary.AbortCallback CALLBACK = AbortHook::tell;

  private AbortHook() {}

  /** The library must be loaded. */
  public static synchronized void add(Listener listener) {
    LISTENERS.add(listener);
    LlamaLibrary.Ggml.ggml_set_abort_callback(CallbackReference.getFunctionPointer(CALLBACK));
  }

  /** Nothing if it does not listen. */
  public static synchronized void remove(Listener listener) {
    if (!LISTENERS.remove(listener) || !LISTENERS.isEmpty()) {
      return;
    }
    Pointer installed = LlamaLibrary.Ggml.ggml_set_abort_callback(null);
    if (!CallbackReference.getFunctionPointer(CALLBACK).equals(installed)) {
      // Another class loader's; it goes on listening.
      LlamaLibrary.Ggml.ggml_set_abort_callback(installed);
    }
  }

  /**
   * The thread that aborts is the one that decodes, or one of ggml's own workers. Where it is not
   * known whose work it did, all hear.
   */
  private static void tell(String message) {
    List<Listener> concerned = new ArrayList<>(LISTENERS);
    concerned.removeIf(listener -> !listener.isOfThisThread());
    (concerned.isEmpty() ? LISTENERS : concerned).forEach(listener -> listener.onAbort(message));
  }
}
