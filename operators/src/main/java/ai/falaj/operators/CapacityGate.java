package ai.falaj.operators;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Tells the source that an operator is chained to whether the operator has room, so that the
 * operator need not block the task thread while it is full: a blocked thread takes no checkpoint.
 *
 * <p>A source and the operators that are chained to it live in one thread, the task's. That is how
 * they find each other: each operator {@link #install installs} its gate when it opens, the
 * source's reader asks for all {@link #ofThisTask} when it starts. A source in another task finds
 * none; the operator then finds {@link #isWatched} false, and blocks. Confined to the task thread.
 */
final class CapacityGate {

  private static final ThreadLocal<List<CapacityGate>> OF_TASK =
      ThreadLocal.withInitial(ArrayList::new);

  private CompletableFuture<Void> opened = CompletableFuture.completedFuture(null);
  private boolean watched;

  /** Adds this gate to those of the task whose thread calls. */
  void install() {
    OF_TASK.get().add(this);
  }

  /** Opens for good, and leaves the task without it. */
  void uninstall() {
    setOpen(true);
    List<CapacityGate> gates = OF_TASK.get();
    gates.remove(this);
    if (gates.isEmpty()) {
      OF_TASK.remove();
    }
  }

  /** The gates of the task whose thread calls. */
  static List<CapacityGate> ofThisTask() {
    return List.copyOf(OF_TASK.get());
  }

  /** The reader promises to read nothing while the gate is closed. */
  void watch() {
    watched = true;
  }

  /** Whether a reader looks at this gate. */
  boolean isWatched() {
    return watched;
  }

  boolean isOpen() {
    return opened.isDone();
  }

  /** Done when the gate is open. */
  CompletableFuture<Void> opened() {
    return opened;
  }

  void setOpen(boolean open) {
    if (open) {
      opened.complete(null);
    } else if (opened.isDone()) {
      opened = new CompletableFuture<>();
    }
  }
}
