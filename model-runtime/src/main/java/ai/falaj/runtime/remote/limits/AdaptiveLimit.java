package ai.falaj.runtime.remote.limits;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How many requests a server may be given at once, found out by giving it more until it gets
 * slower.
 *
 * <p>Time is cut into windows of at least {@value #WINDOW_SAMPLES} answers and of {@value
 * #WINDOW_NANOS} ns, or half of the limit's worth of answers. What is watched is the wait for the
 * first token: it holds the server's queue, while the time per token after it says how large its
 * batch is, which is no reason to stop. The baseline is the lowest median of the last {@value
 * #BASELINE_WINDOWS} windows, so that an old good time is forgotten when prompts have grown.
 *
 * <ul>
 *   <li>PROBING, from the start: a window in which the limit was used and the wait stayed within
 *       {@value #TOLERANCE} times the baseline doubles the limit.
 *   <li>STEADY, after the first sign of trouble: such a window adds the limit's square root, as
 *       many as a queue of that size absorbs.
 *   <li>A slower window lowers the limit in proportion, to half of it at most; a refusal (HTTP 429,
 *       503, no answer in time) to {@value #REJECTED_SHARE} of what was under way, once per window.
 * </ul>
 *
 * <p>A limit that is not used is not raised: nothing was learned about it. And a limit is judged by
 * requests that were sent under it: those that were under way when it changed tell of the one
 * before, and would have it lowered again and again.
 */
public final class AdaptiveLimit {

  /** Where a limit starts and what it stays between. Equal values make a fixed limit. */
  public record Bounds(int initial, int min, int max) implements Serializable {
    public Bounds {
      if (min < 1 || initial < min || max < initial) {
        throw new IllegalArgumentException(
            "concurrency starts at %d and stays between %d and %d; it must be 1 <= min <= initial <= max"
                .formatted(initial, min, max));
      }
    }

    /** Always the same. */
    public static Bounds fixed(int limit) {
      return new Bounds(limit, limit, limit);
    }
  }

  static final int WINDOW_SAMPLES = 10;
  static final long WINDOW_NANOS = 100_000_000;
  static final int BASELINE_WINDOWS = 30;
  static final double TOLERANCE = 2;
  static final double REJECTED_SHARE = 0.7;

  private static final double USED_SHARE = 0.8;
  private static final double STRONGEST_CUT = 0.5;
  private static final int MAX_SAMPLES = 1024;

  private final Bounds bounds;
  private final long[] medians = new long[BASELINE_WINDOWS];
  private final long[] waits = new long[MAX_SAMPLES];
  private int windows;
  private int samples;
  private int mostInFlight;
  private boolean windowIsOpen;
  private boolean rejectedInWindow;
  private long windowStart;
  private boolean probing = true;
  private boolean changed;
  private long changedAtNanos;
  private double limit;

  public AdaptiveLimit(Bounds bounds) {
    this.bounds = bounds;
    this.limit = bounds.initial();
  }

  /** Requests that may be under way at once. */
  public int limit() {
    return (int) limit;
  }

  /**
   * A first token came.
   *
   * @param waitNanos since its request was sent
   * @param inFlight requests under way, that one included
   */
  public void onFirstToken(long nowNanos, long waitNanos, int inFlight) {
    if (changed && nowNanos - waitNanos - changedAtNanos < 0) {
      return;
    }
    openWindow(nowNanos);
    mostInFlight = Math.max(mostInFlight, inFlight);
    waits[samples++] = waitNanos;
    boolean longEnough = nowNanos - windowStart >= WINDOW_NANOS || samples >= limit / 2;
    if ((samples >= WINDOW_SAMPLES && longEnough) || samples == MAX_SAMPLES) {
      closeWindow(nowNanos);
    }
  }

  /**
   * The server refused a request because it has too many, or did not answer it.
   *
   * @param inFlight requests under way, that one included
   */
  public void onRejected(long nowNanos, int inFlight) {
    if (windowIsOpen && rejectedInWindow && nowNanos - windowStart < WINDOW_NANOS) {
      return;
    }
    probing = false;
    change(Math.min(limit, inFlight) * REJECTED_SHARE, nowNanos);
    forgetWindow();
    openWindow(nowNanos);
    rejectedInWindow = true;
  }

  private void openWindow(long nowNanos) {
    if (!windowIsOpen) {
      windowIsOpen = true;
      windowStart = nowNanos;
    }
  }

  private void closeWindow(long nowNanos) {
    long median = median();
    long baseline = Math.min(median, baseline());
    medians[windows++ % BASELINE_WINDOWS] = median;
    double allowed = TOLERANCE * baseline;
    if (median > allowed) {
      probing = false;
      change(limit * Math.max(STRONGEST_CUT, allowed / median), nowNanos);
    } else if (!rejectedInWindow && mostInFlight >= USED_SHARE * (int) limit) {
      change(probing ? 2 * limit : limit + Math.sqrt(limit), nowNanos);
    }
    forgetWindow();
  }

  private void forgetWindow() {
    windowIsOpen = false;
    rejectedInWindow = false;
    samples = 0;
    mostInFlight = 0;
  }

  private long median() {
    Arrays.sort(waits, 0, samples);
    return waits[samples / 2];
  }

  private long baseline() {
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < Math.min(windows, BASELINE_WINDOWS); i++) {
      lowest = Math.min(lowest, medians[i]);
    }
    return lowest;
  }

  private void change(double wanted, long nowNanos) {
    double allowed = Math.max(bounds.min(), Math.min(bounds.max(), wanted));
    if (allowed != limit) {
      limit = allowed;
      changed = true;
      changedAtNanos = nowNanos;
    }
  }
}
