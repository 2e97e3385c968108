package ai.falaj.runtime.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private final CircuitBreaker breaker =
      new CircuitBreaker(new CircuitBreakerPolicy(3, Duration.ofNanos(100), Duration.ofNanos(350)));

  private void fail(int times, long nowNanos) {
    for (int i = 0; i < times; i++) {
      breaker.failed(false, nowNanos);
    }
  }

  @Test
  void opensAfterFailuresWithoutASuccessBetweenThem() {
    fail(2, 0);
    breaker.succeeded();
    fail(2, 0);
    assertThat(breaker.isClosed()).isTrue();
    assertThat(breaker.pass()).as("a probe").isFalse();
    assertThat(breaker.failed(false, 0)).isTrue();
    assertThat(breaker.isClosed()).isFalse();
    assertThat(breaker.nanosUntilPass(99)).isEqualTo(1);
  }

  @Test
  void letsOneProbePassWhenTheWaitIsOver() {
    fail(3, 0);
    assertThat(breaker.nanosUntilPass(100)).isZero();
    assertThat(breaker.pass()).isTrue();
    assertThat(breaker.isClosed()).isFalse();
    assertThat(breaker.nanosUntilPass(100)).as("the others wait for it").isPositive();
  }

  @Test
  void closesWhenTheProbeSucceeds() {
    fail(3, 0);
    breaker.pass();
    breaker.succeeded();
    assertThat(breaker.isClosed()).isTrue();
    assertThat(breaker.nanosUntilPass(101)).isZero();
    assertThat(breaker.pass()).isFalse();
  }

  @Test
  void waitsTwiceAsLongAfterEachProbeThatFailsUpToTheBound() {
    fail(3, 0);
    breaker.pass();
    assertThat(breaker.failed(true, 100)).isTrue();
    assertThat(breaker.nanosUntilPass(100)).isEqualTo(200);
    breaker.pass();
    breaker.failed(true, 300);
    assertThat(breaker.nanosUntilPass(300)).isEqualTo(350);
    breaker.pass();
    breaker.failed(true, 650);
    assertThat(breaker.nanosUntilPass(650)).isEqualTo(350);
  }

  @Test
  void aSuccessForgetsHowLongItWaitedAndHowOftenItFailed() {
    fail(3, 0);
    breaker.pass();
    breaker.failed(true, 100);
    breaker.pass();
    breaker.succeeded();
    fail(2, 1_000);
    assertThat(breaker.isClosed()).isTrue();
    fail(1, 1_000);
    assertThat(breaker.nanosUntilPass(1_000)).isEqualTo(100);
  }

  @Test
  void failuresOfThoseThatPassedBeforeSayNothingOfTheProbe() {
    fail(3, 0);
    breaker.pass();
    assertThat(breaker.failed(false, 100)).isFalse();
    breaker.undecided(false);
    assertThat(breaker.nanosUntilPass(100)).as("the probe is still out").isPositive();
  }

  @Test
  void failuresWhileItIsOpenDoNotKeepItOpenLonger() {
    fail(3, 0);
    assertThat(breaker.failed(false, 50)).isFalse();
    assertThat(breaker.nanosUntilPass(50)).isEqualTo(50);
  }

  @Test
  void anotherProbePassesWhereTheFirstSaysNothing() {
    fail(3, 0);
    breaker.pass();
    breaker.undecided(true);
    assertThat(breaker.nanosUntilPass(100)).isZero();
    assertThat(breaker.pass()).isTrue();
  }

  @Test
  void neverOpensWithoutABound() {
    CircuitBreaker never =
        new CircuitBreaker(new CircuitBreakerPolicy(0, Duration.ofMillis(1), Duration.ofMillis(1)));
    for (int i = 0; i < 100; i++) {
      assertThat(never.failed(false, i)).isFalse();
    }
    assertThat(never.nanosUntilPass(100)).isZero();
  }

  @Test
  void refusesAPolicyThatWouldNeverProbe() {
    assertThatThrownBy(
            () -> new CircuitBreakerPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most the second");
    assertThatThrownBy(
            () -> new CircuitBreakerPolicy(-1, Duration.ofSeconds(1), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 (never) or more");
  }
}
