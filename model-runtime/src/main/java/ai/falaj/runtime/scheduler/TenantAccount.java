package ai.falaj.runtime.scheduler;

import java.util.Optional;

/**
 * What one tenant has used: its virtual time, which orders tenants, and its window's tokens, which
 * bound it. Confined to the scheduler's owner.
 */
final class TenantAccount {

  /** Weight of the newest completion in the expected length. */
  private static final double LENGTH_SMOOTHING = 0.1;

  private static final int FIRST_EXPECTED_TOKENS = 64;

  private final TenantShare share;
  private double virtualTime;
  private double expectedNewTokens = FIRST_EXPECTED_TOKENS;
  private long window = Long.MIN_VALUE;
  private long windowTokens;

  TenantAccount(TenantShare share) {
    this.share = share;
  }

  /** Tokens of service so far, divided by the weight. */
  double virtualTime() {
    return virtualTime;
  }

  /** A tenant that comes back does not get what it did not ask for in the meantime. */
  void catchUpTo(double time) {
    virtualTime = Math.max(virtualTime, time);
  }

  void charge(long tokens) {
    virtualTime += tokens / share.weight();
  }

  /** Completion tokens to charge in advance, so that what is admitted counts at once. */
  int expectedNewTokens(int maxNewTokens) {
    return (int) Math.min(maxNewTokens, Math.max(1, Math.round(expectedNewTokens)));
  }

  void completed(int newTokens) {
    expectedNewTokens += LENGTH_SMOOTHING * (newTokens - expectedNewTokens);
  }

  /** Whether the budget of this moment's window has room for so many more tokens. */
  boolean affords(long tokens, long nowMs) {
    Optional<TokenBudget> budget = share.budget();
    if (budget.isEmpty()) {
      return true;
    }
    enterWindow(budget.get(), nowMs);
    return windowTokens + tokens <= budget.get().tokens();
  }

  /**
   * Sets tokens of this moment's window aside.
   *
   * @return the window, for {@link #settle}
   */
  long reserve(long tokens, long nowMs) {
    share.budget().ifPresent(budget -> enterWindow(budget, nowMs));
    windowTokens += tokens;
    return window;
  }

  /** Gives back what was reserved in a window and not used, if it is still that window. */
  void settle(long reservedInWindow, long unusedTokens) {
    if (reservedInWindow == window) {
      windowTokens -= unusedTokens;
    }
  }

  /** When the budget's next window begins; never, where there is no budget. */
  long nextWindowMs(long nowMs) {
    return share
        .budget()
        .map(budget -> (windowOf(budget, nowMs) + 1) * budget.window().toMillis())
        .orElse(Long.MAX_VALUE);
  }

  private void enterWindow(TokenBudget budget, long nowMs) {
    long current = windowOf(budget, nowMs);
    if (current > window) {
      window = current;
      windowTokens = 0;
    }
  }

  private static long windowOf(TokenBudget budget, long nowMs) {
    return Math.floorDiv(nowMs, budget.window().toMillis());
  }
}
