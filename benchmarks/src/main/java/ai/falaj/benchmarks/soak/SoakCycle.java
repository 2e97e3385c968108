package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeStats;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The life of one runtime: traffic that comes in waves, then either a drain with a look at what is
 * left, or a close in the middle of it. What is wrong goes to the ledger. Confined to one thread.
 */
final class SoakCycle {

  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(120);
  private static final long TICK_MS = 2;
  private static final long WAVE_NANOS = 400_000_000L;

  /** Highest wave, in requests per slot: some wait at its crest. */
  private static final int CREST_PER_SLOT = 4;

  private final ModelRuntime runtime;
  private final SoakTraffic traffic;
  private final SoakLedger ledger;
  private final Set<RuntimeErrorCode> ownFailures;
  private final Random random;
  private final Queue<Cancellation> cancellations =
      new PriorityQueue<>(Comparator.comparingLong(Cancellation::atNanos));
  private final AtomicLong ended = new AtomicLong();
  private long accepted;

  SoakCycle(
      ModelRuntime runtime,
      SoakTraffic traffic,
      SoakLedger ledger,
      Set<RuntimeErrorCode> injectedFailures,
      Random random) {
    this.runtime = runtime;
    this.traffic = traffic;
    this.ledger = ledger;
    this.ownFailures = EnumSet.of(RuntimeErrorCode.RUNTIME_CLOSED);
    this.ownFailures.addAll(injectedFailures);
    this.random = random;
  }

  private record Cancellation(long atNanos, GenerationHandle handle) {}

  /** Submits so many requests that as many as a random wave is high are open, for so long. */
  void run(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    long waveEnd = System.nanoTime();
    int wave = 0;
    while (System.nanoTime() - end < 0) {
      if (System.nanoTime() - waveEnd >= 0) {
        wave = random.nextInt(CREST_PER_SLOT * runtime.info().maxSequences() + 1);
        waveEnd += WAVE_NANOS;
      }
      while (accepted - ended.get() < wave && submit(traffic.next(System.currentTimeMillis()))) {
        cancelDue();
      }
      cancelDue();
      Thread.sleep(TICK_MS);
    }
  }

  /** Waits for the end of everything, then holds the runtime to being idle and whole. */
  void drain() throws InterruptedException {
    long limit = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (ended.get() < accepted && System.nanoTime() - limit < 0) {
      cancelDue();
      Thread.sleep(TICK_MS);
    }
    if (ended.get() < accepted) {
      ledger.violation(
          "%d of %d requests have not ended %s after the last came"
              .formatted(accepted - ended.get(), accepted, DRAIN_LIMIT));
      return;
    }
    requireIdle(limit);
    new SlotProbe(runtime).run().ifPresent(ledger::violation);
  }

  /** Call it when the runtime is closed: every request must have ended by then. */
  void requireAllEnded() {
    if (ended.get() != accepted) {
      ledger.violation(
          "%d of %d requests had not ended when close() returned"
              .formatted(accepted - ended.get(), accepted));
    }
  }

  /** The gauges are at most one step old, so they are given a moment. */
  private void requireIdle(long limitNanos) throws InterruptedException {
    RuntimeStats stats = runtime.stats();
    while (isBusy(stats) && System.nanoTime() - limitNanos < 0) {
      Thread.sleep(TICK_MS);
      stats = runtime.stats();
    }
    if (isBusy(stats)) {
      ledger.violation("idle, but the statistics say " + stats);
    }
    if (stats.requestsFinished() + stats.requestsFailed() != accepted) {
      ledger.violation(
          "%d requests ended, but the statistics say %d finished and %d failed"
              .formatted(accepted, stats.requestsFinished(), stats.requestsFailed()));
    }
    if (!(stats.kvCacheUsage() >= 0 && stats.kvCacheUsage() <= 1)) {
      ledger.violation("the KV cache is used to " + stats.kvCacheUsage());
    }
  }

  private static boolean isBusy(RuntimeStats stats) {
    return stats.requestsWaiting() > 0 || stats.requestsRunning() > 0;
  }

  /** Tells whether the runtime took it. */
  private boolean submit(SoakRequest request) {
    SoakListener listener = new SoakListener(request, ownFailures, ledger, ended::incrementAndGet);
    try {
      GenerationHandle handle = runtime.submit(request.generation(), listener);
      accepted++;
      ledger.submitted();
      request
          .cancelAfterMs()
          .ifPresent(
              afterMs ->
                  cancellations.add(
                      new Cancellation(System.nanoTime() + afterMs * 1_000_000L, handle)));
      return true;
    } catch (GenerationException e) {
      if (e.code() != RuntimeErrorCode.OVERLOADED) {
        ledger.violation("submission was refused with " + e.code() + ": " + e.getMessage());
      }
      ledger.refused();
      return false;
    }
  }

  private void cancelDue() {
    long now = System.nanoTime();
    while (!cancellations.isEmpty() && cancellations.peek().atNanos() - now <= 0) {
      cancellations.remove().handle().cancel();
    }
  }
}
