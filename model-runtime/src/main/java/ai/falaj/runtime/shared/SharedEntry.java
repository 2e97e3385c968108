package ai.falaj.runtime.shared;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The runtime of a spec in {@link SharedRuntimes}, whose lock guards the mutable fields. */
final class SharedEntry {

  enum State {
    LOADING,
    READY,
    CLOSING
  }

  final RuntimeSpec spec;
  final Duration linger;
  final CompletableFuture<ModelRuntime> loaded = new CompletableFuture<>();
  final CompletableFuture<Void> gone = new CompletableFuture<>();
  State state = State.LOADING;
  ModelRuntime runtime;
  int users;

  /** How often the last user left; tells an outdated linger timer from the current one. */
  long releases;

  SharedEntry(RuntimeSpec spec, Duration linger) {
    this.spec = spec;
    this.linger = linger;
  }
}
