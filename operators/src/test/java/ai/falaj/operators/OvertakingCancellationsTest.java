package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.PromptRecord.Cancellation;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class OvertakingCancellationsTest {

  private static final Cancellation COPY = new Cancellation(OptionalInt.of(5));

  private final OvertakingCancellations cancellations = new OvertakingCancellations();

  private static PromptRecord request(String key, long offset) {
    PromptRecord record = Prompts.record(key, key, Prompts.request(key, "prompt"));
    return new PromptRecord(
        new RecordOrigin("falaj.prompts", 0, offset),
        record.timestampMs(),
        record.key(),
        record.value(),
        record.traceparent(),
        record.retries(),
        record.content());
  }

  @Test
  void reachARequestThatWasWrittenBeforeThem() {
    cancellations.add(Prompts.cancellation("k", 10, COPY));
    assertThat(cancellations.cancel(request("k", 9))).isTrue();
    assertThat(cancellations.cancel(request("k", 11))).as("written later").isFalse();
    assertThat(cancellations.cancel(request("other", 9))).isFalse();
  }

  @Test
  void theLatestOfAKeyCounts() {
    cancellations.add(Prompts.cancellation("k", 20, COPY));
    cancellations.add(Prompts.cancellation("k", 10, COPY));
    assertThat(cancellations.cancel(request("k", 15))).isTrue();
  }

  @Test
  void thoseThatCameBehindTheirRequestsAreNotRemembered() {
    cancellations.add(Prompts.cancellation("k", 10, Cancellation.OF_PARTITION));
    assertThat(cancellations.cancel(request("k", 9))).isFalse();
  }

  @Test
  void theOldestIsForgottenFirst() {
    for (int number = 0; number <= OvertakingCancellations.MAX_REMEMBERED; number++) {
      cancellations.add(Prompts.cancellation("k" + number, 10, COPY));
    }
    assertThat(cancellations.cancel(request("k0", 9))).isFalse();
    assertThat(cancellations.cancel(request("k1", 9))).isTrue();
  }

  @Test
  void anOvertakenRequestIsNeverGenerated() throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("overtaken").drivenByTest().build();
    try (OperatorFixture operator = new OperatorFixture(spec, InferenceOptions.DEFAULT).open()) {
      operator.process(Prompts.cancellation("k", 10, COPY));
      operator.process(request("k", 9));
      operator.process(request("k", 11));
      operator.runToIdle();

      assertThat(operator.completions())
          .extracting(Completion::getFinishReason)
          .containsExactly(FinishReason.CANCELLED, FinishReason.STOP);
      assertThat(operator.runtime().received()).hasSize(1);
    }
  }

  @Test
  void aCancellationLeavesLaterRequestsOfItsKeyAlone() throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("later").drivenByTest().build();
    try (OperatorFixture operator = new OperatorFixture(spec, InferenceOptions.DEFAULT).open()) {
      operator.process(request("k", 9));
      operator.process(request("k", 11));
      operator.process(Prompts.cancellation("k", 10, COPY));
      operator.runToIdle();

      assertThat(operator.completions())
          .extracting(Completion::getFinishReason)
          .containsExactlyInAnyOrder(FinishReason.CANCELLED, FinishReason.STOP);
    }
  }
}
