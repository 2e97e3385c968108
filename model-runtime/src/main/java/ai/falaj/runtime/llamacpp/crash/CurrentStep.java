package ai.falaj.runtime.llamacpp.crash;

import java.util.List;

/**
 * Which requests the engine is computing at this moment, for whoever has to know when it ends the
 * process. The decode thread begins and ends; any thread reads.
 */
public final class CurrentStep {

  private record Computing(Thread thread, List<String> requestIds) {}

  private volatile Computing computing = new Computing(null, List.of());

  /** The calling thread has the engine compute something for these requests. */
  public void begin(List<String> requestIds) {
    computing = new Computing(Thread.currentThread(), List.copyOf(requestIds));
  }

  public void end() {
    computing = new Computing(null, List.of());
  }

  /** Empty while the engine rests. */
  public List<String> requestIds() {
    return computing.requestIds();
  }

  /** Whether the calling thread is the one that computes. */
  boolean isOfThisThread() {
    return computing.thread() == Thread.currentThread();
  }
}
