package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who got how many computed tokens, prompts and completions, until the last request arrived. Time
 * is cut into windows of 30 s; a window in which each tenant had somebody waiting at every step is
 * contended, and only there is a tenant entitled to its weight's share. Confined to its simulation.
 */
final class TenantShares {

  private static final long WINDOW_NANOS = 30_000_000_000L;

  private final List<TenantMix.Tenant> tenants;
  private final Map<String, Integer> indices = new HashMap<>();
  private final long horizonNanos;
  private final long[] waiting;
  private final long[] demanded;
  private final long[] served;
  private final List<long[]> contendedWindows = new ArrayList<>();
  private long[] step;
  private long[] window;
  private boolean windowContended = true;
  private long windowEndNanos = WINDOW_NANOS;

  TenantShares(TenantMix mix, long horizonNanos) {
    this.tenants = mix.tenants();
    this.horizonNanos = horizonNanos;
    this.waiting = new long[tenants.size()];
    this.demanded = new long[tenants.size()];
    this.served = new long[tenants.size()];
    this.step = new long[tenants.size()];
    this.window = new long[tenants.size()];
    for (int index = 0; index < tenants.size(); index++) {
      indices.put(tenants.get(index).name(), index);
    }
  }

  void arrived(TraceRequest request) {
    int index = index(request);
    waiting[index]++;
    demanded[index] += request.totalTokens();
  }

  /** Who waits is looked at before anybody is served. */
  void beginStep() {
    for (long count : waiting) {
      windowContended &= count > 0;
    }
  }

  void begun(TraceRequest request) {
    waiting[index(request)]--;
  }

  void computed(TraceRequest request, int tokens) {
    step[index(request)] += tokens;
  }

  void endStep(long nowNanos) {
    if (nowNanos <= horizonNanos) {
      for (int index = 0; index < step.length; index++) {
        served[index] += step[index];
        window[index] += step[index];
      }
      if (nowNanos >= windowEndNanos) {
        closeWindow();
        windowEndNanos = nowNanos - nowNanos % WINDOW_NANOS + WINDOW_NANOS;
      }
    }
    step = new long[tenants.size()];
  }

  private void closeWindow() {
    if (windowContended) {
      contendedWindows.add(window);
    }
    window = new long[tenants.size()];
    windowContended = true;
  }

  private int index(TraceRequest request) {
    Integer index = indices.get(request.tenant());
    if (index == null) {
      throw new IllegalStateException("request " + request.id() + " has an unknown tenant");
    }
    return index;
  }

  Summary summary() {
    double[] weights = tenants.stream().mapToDouble(TenantMix.Tenant::weight).toArray();
    return new Summary(
        tenants.stream().map(TenantMix.Tenant::name).toList(),
        served.clone(),
        Fairness.jainIndex(served, Fairness.entitlements(served, demanded, weights)),
        contendedWindows.size(),
        contendedWindows.stream()
            .mapToDouble(tokens -> Fairness.maxShareError(tokens, weights))
            .max()
            .orElse(Double.NaN));
  }

  /**
   * What came of it.
   *
   * @param servedTokens of each tenant
   * @param jainIndex of served tokens against the weighted max-min fair share of each tenant
   * @param maxShareError largest difference, in any contended window, between a tenant's share of
   *     the tokens and its share of the weights; not a number without such a window
   */
  record Summary(
      List<String> tenants,
      long[] servedTokens,
      double jainIndex,
      int contendedWindows,
      double maxShareError) {}
}
