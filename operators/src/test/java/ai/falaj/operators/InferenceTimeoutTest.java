package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.ErrorCode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Engines that are slow, hang or are down. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceTimeoutTest {

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withRetry(
          new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1)));

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private OperatorFixture open(FakeRuntimeSpec.Builder spec, InferenceOptions options)
      throws Exception {
    return new OperatorFixture(spec.build(), options).open();
  }

  @Test
  void anAttemptThatTakesTooLongIsFollowedByAnother() throws Exception {
    InferenceOptions options =
        OPTIONS.withTimeouts(new Timeouts(Duration.ofSeconds(5), Duration.ZERO));
    try (OperatorFixture operator = open(fake(), options)) {
      operator.harness().setProcessingTime(0);
      operator.process(Prompts.record("r1", "one two three"));
      operator.runtime().step();
      operator.runtime().step();
      operator.runMails();
      operator.harness().setProcessingTime(5_000);
      operator.harness().setProcessingTime(5_100);
      operator.runToIdle();
      assertThat(operator.completions().get(0).getAnswer()).isEqualTo("You said: one two three");
      assertThat(operator.completions().get(0).getProvenance().getAttempts()).isEqualTo(2);
    }
  }

  @Test
  void aRequestThatHangsInEveryAttemptBecomesADeadLetter() throws Exception {
    InferenceOptions options =
        OPTIONS.withTimeouts(new Timeouts(Duration.ofSeconds(5), Duration.ZERO));
    try (OperatorFixture operator = open(fake().hang("r1"), options)) {
      operator.harness().setProcessingTime(0);
      operator.process(Prompts.record("r1", "one"));
      for (int second = 1; second <= 20; second++) {
        operator.harness().setProcessingTime(1_000 * second);
        operator.runToIdle();
      }
      assertThat(operator.deadLetters().get(0).getErrorCode())
          .isEqualTo(ErrorCode.RETRIES_EXHAUSTED);
      assertThat(operator.deadLetters().get(0).getMessage()).contains("TIMEOUT");
    }
  }

  @Test
  void theTotalTimeEndsARequestWhereverItIs() throws Exception {
    InferenceOptions options =
        OPTIONS
            .withMaxInFlightTokens(20)
            .withTimeouts(new Timeouts(Duration.ZERO, Duration.ofSeconds(9)));
    try (OperatorFixture operator = open(fake().hang("running"), options)) {
      operator.harness().setProcessingTime(0);
      operator.process(Prompts.record("running", "one"));
      operator.runtime().step();
      operator.runMails();
      operator.harness().setProcessingTime(9_000);
      operator.runToIdle();
      assertThat(operator.deadLetters())
          .extracting(letter -> letter.getErrorCode())
          .containsExactly(ErrorCode.TIMEOUT);
      operator.process(Prompts.record("next", "one"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("next");
    }
  }

  @Test
  void requestsWaitWhileTheBreakerIsOpenAndUseUpNoAttempts() throws Exception {
    InferenceOptions options =
        OPTIONS.withCircuitBreaker(
            new CircuitBreakerPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(1)));
    FakeRuntimeSpec.Builder spec = fake();
    for (String id : new String[] {"a", "b"}) {
      spec.fail(new InjectedFailure(id, 1, RuntimeErrorCode.ENGINE_FAILURE, 0));
    }
    try (OperatorFixture operator = open(spec, options)) {
      operator.harness().setProcessingTime(0);
      operator.process(Prompts.record("a", "one"));
      operator.process(Prompts.record("b", "one"));
      operator.runToIdle();
      operator.process(Prompts.record("c", "one"));
      operator.harness().setProcessingTime(500);
      operator.runToIdle();
      assertThat(operator.runtime().received()).hasSize(2);
      operator.harness().setProcessingTime(1_000);
      assertThat(operator.runtime().received()).as("one probe").hasSize(3);
      operator.runToIdle();
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactlyInAnyOrder("a", "b", "c");
    }
  }
}
