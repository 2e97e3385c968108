package ai.falaj.runtime.llamacpp.crash;

import ai.falaj.runtime.llamacpp.ffi.AbortHook;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the journal when llama.cpp finds that it cannot go on and ends the process. A process that
 * is ended from outside writes nothing, and so blames nobody. Any thread.
 */
public final class AbortWatch implements AbortHook.Listener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AbortWatch.class);

  private final CurrentStep step;
  private final CrashJournal journal;

  private AbortWatch(CurrentStep step, CrashJournal journal) {
    this.step = step;
    this.journal = journal;
  }

  /** Watches until it is closed. The library must be loaded. */
  public static AbortWatch start(CurrentStep step, CrashJournal journal) {
    AbortWatch watch = new AbortWatch(step, journal);
    AbortHook.add(watch);
    return watch;
  }

  @Override
  public boolean isOfThisThread() {
    return step.isOfThisThread();
  }

  /** llama.cpp says only where it failed and what it found there: no text of a request. */
  @Override
  public void onAbort(String message) {
    List<String> requestIds = step.requestIds();
    if (requestIds.isEmpty()) {
      LOG.error("llama.cpp ends this process while no request is computed: {}", message);
      return;
    }
    try {
      journal.record(requestIds);
      LOG.error("llama.cpp ends this process while it computes {}: {}", requestIds, message);
    } catch (IOException e) {
      LOG.error(
          "llama.cpp ends this process while it computes {}, and the journal cannot say so: {}",
          requestIds,
          message,
          e);
    }
  }

  @Override
  public void close() {
    AbortHook.remove(this);
  }
}
