package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a tenant has used. */
class TenantAccountTest {

  private static final long WINDOW_MS = 1_000;

  private final TenantAccount account =
      new TenantAccount(
          new TenantShare("tenant", 4, new TokenBudget(100, Duration.ofMillis(WINDOW_MS))));

  @Test
  void virtualTimeIsServiceByWeight() {
    account.charge(10);
    account.charge(30);

    assertThat(account.virtualTime()).isEqualTo(10);
    account.catchUpTo(5);
    assertThat(account.virtualTime()).isEqualTo(10);
    account.catchUpTo(50);
    assertThat(account.virtualTime()).isEqualTo(50);
  }

  @Test
  void expectsCompletionsAsLongAsTheyWere() {
    for (int count = 0; count < 100; count++) {
      account.completed(20);
    }

    assertThat(account.expectedNewTokens(1_000)).isEqualTo(20);
    assertThat(account.expectedNewTokens(7)).isEqualTo(7);
    for (int count = 0; count < 100; count++) {
      account.completed(0);
    }
    assertThat(account.expectedNewTokens(1_000)).isEqualTo(1);
  }

  @Test
  void affordsWhatTheWindowHasLeft() {
    account.reserve(60, 100);

    assertThat(account.affords(40, 999)).isTrue();
    assertThat(account.affords(41, 999)).isFalse();
    assertThat(account.affords(100, 1_000)).isTrue();
  }

  @Test
  void givesBackWhatWasNotUsed() {
    long window = account.reserve(100, 0);
    assertThat(account.affords(1, 10)).isFalse();
    account.settle(window, 30);

    assertThat(account.affords(30, 20)).isTrue();
    assertThat(account.affords(31, 20)).isFalse();
  }

  @Test
  void givesNothingBackToALaterWindow() {
    long window = account.reserve(100, 0);
    account.reserve(100, WINDOW_MS);
    account.settle(window, 30);

    assertThat(account.affords(1, WINDOW_MS)).isFalse();
  }

  @Test
  void knowsWhenItsNextWindowBegins() {
    assertThat(account.nextWindowMs(0)).isEqualTo(WINDOW_MS);
    assertThat(account.nextWindowMs(999)).isEqualTo(WINDOW_MS);
    assertThat(account.nextWindowMs(1_000)).isEqualTo(2 * WINDOW_MS);
  }

  @Test
  void hasNoBoundsWithoutABudget() {
    TenantAccount free = new TenantAccount(TenantShare.standard("free"));
    free.reserve(Long.MAX_VALUE / 2, 0);

    assertThat(free.affords(Long.MAX_VALUE / 2, 0)).isTrue();
    assertThat(free.nextWindowMs(0)).isEqualTo(Long.MAX_VALUE);
    free.charge(3);
    assertThat(free.virtualTime()).isCloseTo(3, within(1e-9));
  }

  @Test
  void noWindowIsEverOverdrawn() {
    for (long seed = 0; seed < 200; seed++) {
      drawRandomly(new Random(seed));
    }
  }

  private static void drawRandomly(Random random) {
    record Reservation(long window, long tokens, long used) {}

    TokenBudget budget = new TokenBudget(100, Duration.ofMillis(50));
    TenantAccount account = new TenantAccount(new TenantShare("tenant", 1, budget));
    List<Reservation> open = new ArrayList<>();
    long nowMs = 0;
    long usedInWindow = 0;
    long window = -1;
    for (int change = 0; change < 300; change++) {
      nowMs += random.nextInt(5);
      if (nowMs / 50 != window) {
        window = nowMs / 50;
        usedInWindow = 0;
      }
      long tokens = 1 + random.nextInt(60);
      if (random.nextBoolean() && account.affords(tokens, nowMs)) {
        long used = random.nextInt((int) tokens + 1);
        open.add(new Reservation(account.reserve(tokens, nowMs), tokens, used));
        usedInWindow += used;
      } else if (!open.isEmpty()) {
        Reservation ended = open.remove(random.nextInt(open.size()));
        account.settle(ended.window(), ended.tokens() - ended.used());
      }
      assertThat(usedInWindow).isLessThanOrEqualTo(budget.tokens());
    }
  }
}
