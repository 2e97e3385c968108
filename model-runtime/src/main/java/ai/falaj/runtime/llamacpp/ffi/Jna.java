package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Native;
import java.util.Optional;

/** Whether Java may call native code here at all. Stateless. */
public final class Jna {

  private Jna() {}

  /**
   * Why it may not, with the remedy; empty where it may. JNA unpacks a library of its own, which
   * fails where its folder is full, not writable, or mounted so that nothing in it may be run.
   */
  public static Optional<String> problem() {
    try {
      return Native.POINTER_SIZE > 0 ? Optional.empty() : Optional.of("JNA knows no pointers");
    } catch (LinkageError e) {
      return Optional.of(
          "JNA's library cannot be loaded (%s); give it a folder from which programs may run: -Djna.tmpdir=DIR in FALAJ_JAVA_OPTS or Flink's env.java.opts.taskmanager"
              .formatted(reason(e)));
    }
  }

  private static String reason(LinkageError failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String message = String.valueOf(first.getMessage());
    return message.lines().findFirst().orElse(message);
  }
}
