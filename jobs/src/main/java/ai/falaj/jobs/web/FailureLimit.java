package ai.falaj.jobs.web;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How often something may fail within a time, whoever asks: guessing a token gets nowhere, and the
 * limit needs no memory per caller. Any thread.
 */
public final class FailureLimit {

  private final int failures;
  private final Duration window;
  private final LongSupplier nanoClock;
  private final Deque<Long> failedNanos = new ArrayDeque<>();

  /**
   * @param failures within the window before it refuses
   */
  public FailureLimit(int failures, Duration window, LongSupplier nanoClock) {
    this.failures = failures;
    this.window = window;
    this.nanoClock = nanoClock;
  }

  /** How long to wait before the next try; empty where one is free. */
  public synchronized Optional<Duration> waitNow() {
    long nowNanos = nanoClock.getAsLong();
    while (!failedNanos.isEmpty() && nowNanos - failedNanos.peekFirst() >= window.toNanos()) {
      failedNanos.removeFirst();
    }
    return failedNanos.size() < failures
        ? Optional.empty()
        : Optional.of(window.minusNanos(nowNanos - failedNanos.peekFirst()));
  }

  /** Counts a failure. */
  public synchronized void failed() {
    failedNanos.addLast(nanoClock.getAsLong());
    while (failedNanos.size() > failures) {
      failedNanos.removeFirst();
    }
  }
}
