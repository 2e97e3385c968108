package ai.falaj.runtime;

import ai.falaj.runtime.progress.ProgressListener;
import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Names a runtime and opens it. Two equal specs share one runtime per JVM, so implementations are
 * records or define {@code equals} and {@code hashCode} by value. Specs travel inside job graphs:
 * they are serializable and hold no secrets.
 */
public interface RuntimeSpec extends Serializable {

  /** The model's name, known before it is loaded. */
  String model();

  /** The names that requests may use; {@link #model()} answers those that name none. */
  default Set<String> models() {
    return Set.of(model());
  }

  /**
   * Runtimes that this one is made of. They are shared with whoever else wants them, and while this
   * one is loaded none of them is closed to make room.
   */
  default Set<RuntimeSpec> parts() {
    return Set.of();
  }

  /**
   * Loads the model. Takes as long as that takes.
   *
   * @throws RuntimeLoadException with a message that names the file or endpoint and the remedy
   */
  ModelRuntime open() throws RuntimeLoadException;

  /**
   * As {@link #open()}, for someone who waits for it.
   *
   * @param progress hears how far it got, on a thread of the runtime
   */
  default ModelRuntime open(ProgressListener progress) throws RuntimeLoadException {
    return open();
  }

  /**
   * Whether its model is held in this machine's memory. One that is leaves it while it lingers, as
   * soon as another is to be loaded.
   */
  default boolean holdsModel() {
    return true;
  }

  /**
   * How long a shared runtime stays loaded after its last user left; absent: the JVM's default.
   * Longer keeps the model warm across restarts of a job, shorter frees its memory earlier.
   */
  default Optional<Duration> linger() {
    return Optional.empty();
  }
}
