package ai.falaj.jobs.stack;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * Runtimes of this JVM that were loaded where somebody sees how far it got, and that a job finds
 * warm while this is open. One thread.
 */
public final class LoadedRuntimes implements AutoCloseable {

  private final Deque<RuntimeLease> leases = new ArrayDeque<>();

  private LoadedRuntimes() {}

  /**
   * Loads them one after the other.
   *
   * @throws RuntimeLoadException when one cannot be loaded; none is held then
   */
  public static LoadedRuntimes load(Collection<RuntimeSpec> specs, ProgressListener progress)
      throws RuntimeLoadException, InterruptedException {
    LoadedRuntimes loaded = new LoadedRuntimes();
    boolean complete = false;
    try {
      for (RuntimeSpec spec : specs) {
        loaded.leases.push(SharedRuntimes.ofThisJvm().acquire(spec, progress));
      }
      complete = true;
      return loaded;
    } finally {
      if (!complete) {
        loaded.close();
      }
    }
  }

  @Override
  public void close() {
    leases.forEach(RuntimeLease::close);
    leases.clear();
  }
}
