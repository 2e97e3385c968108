package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.CircuitBreaker.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private final CircuitBreaker breaker =
      new CircuitBreaker(
          new CircuitBreakerPolicy(3, Duration.ofMillis(100), Duration.ofMillis(350)));

  private void fail(int times, long nowMs) {
    for (int i = 0; i < times; i++) {
      breaker.failed(false, nowMs);
    }
  }

  @Test
  void opensAfterFailuresWithoutASuccessBetweenThem() {
    fail(2, 0);
    breaker.succeeded();
    fail(2, 0);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    fail(1, 0);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.tryPass(99)).isFalse();
  }

  @Test
  void letsOneProbePassWhenTheWaitIsOver() {
    fail(3, 0);
    assertThat(breaker.tryPass(100)).isTrue();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    assertThat(breaker.tryPass(100)).isFalse();
  }

  @Test
  void closesWhenTheProbeSucceeds() {
    fail(3, 0);
    breaker.tryPass(100);
    breaker.succeeded();
    assertThat(breaker.tryPass(101)).isTrue();
    assertThat(breaker.tryPass(101)).isTrue();
  }

  @Test
  void waitsTwiceAsLongAfterEachProbeThatFailsUpToTheBound() {
    fail(3, 0);
    breaker.tryPass(100);
    breaker.failed(true, 100);
    assertThat(breaker.openUntilMs()).isEqualTo(300);
    breaker.tryPass(300);
    breaker.failed(true, 300);
    assertThat(breaker.openUntilMs()).isEqualTo(650);
    breaker.tryPass(650);
    breaker.failed(true, 650);
    assertThat(breaker.openUntilMs()).isEqualTo(1_000);
  }

  @Test
  void aSuccessForgetsHowLongItWaited() {
    fail(3, 0);
    breaker.tryPass(100);
    breaker.failed(true, 100);
    breaker.tryPass(300);
    breaker.succeeded();
    fail(3, 1_000);
    assertThat(breaker.openUntilMs()).isEqualTo(1_100);
  }

  @Test
  void failuresOfThoseThatPassedBeforeSayNothingOfTheProbe() {
    fail(3, 0);
    breaker.tryPass(100);
    fail(5, 100);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void anotherProbePassesWhereTheFirstSaysNothing() {
    fail(3, 0);
    breaker.tryPass(100);
    breaker.probeUndecided();
    assertThat(breaker.tryPass(100)).isTrue();
  }

  @Test
  void neverOpensWithoutABound() {
    CircuitBreaker never =
        new CircuitBreaker(new CircuitBreakerPolicy(0, Duration.ofMillis(1), Duration.ofMillis(1)));
    for (int i = 0; i < 100; i++) {
      never.failed(false, i);
    }
    assertThat(never.tryPass(100)).isTrue();
  }

  @Test
  void refusesAPolicyThatWouldNeverProbe() {
    assertThatThrownBy(
            () -> new CircuitBreakerPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most the second");
  }
}
