package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** What a keyed stream adds: requests are answered once, and stay with their key. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceDeduplicationTest {

  private static final InferenceOptions ONCE =
      InferenceOptions.DEFAULT.withDeduplication(new Deduplication(Duration.ofHours(1), false));

  private static final InferenceOptions ANSWER_AGAIN =
      InferenceOptions.DEFAULT.withDeduplication(new Deduplication(Duration.ofHours(1), true));

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private static OperatorFixture keyed(FakeRuntimeSpec.Builder spec, InferenceOptions options)
      throws Exception {
    return OperatorFixture.keyed(spec.build(), options, 1, 0);
  }

  @Test
  void answersARequestOnceWhileTheFirstIsInFlightAndAfterIt() throws Exception {
    try (OperatorFixture operator = keyed(fake(), ONCE).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1");
      assertThat(operator.runtime().received()).hasSize(1);
    }
  }

  @Test
  void remembersAcrossARestart() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = keyed(fake(), ONCE).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = keyed(fake(), ONCE).restore(state)) {
      restored.process(Prompts.record("r1", "one"));
      restored.process(Prompts.record("r2", "one"));
      restored.runToIdle();
      assertThat(restored.completedIds()).containsExactly("r2");
    }
  }

  @Test
  void answersAgainWithTheSameCompletionWhereItIsAsked() throws Exception {
    try (OperatorFixture operator = keyed(fake(), ANSWER_AGAIN).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      operator.process(Prompts.record("r1", "one"));
      List<Completion> completions = operator.completions();
      assertThat(completions).hasSize(2);
      assertThat(completions.get(1)).isEqualTo(completions.get(0));
      assertThat(operator.runtime().received()).hasSize(1);
    }
  }

  @Test
  void aDeadLetterMayBeSentAgain() throws Exception {
    InjectedFailure first = new InjectedFailure("r1", 1, RuntimeErrorCode.PROMPT_TOO_LONG, 0);
    try (OperatorFixture operator = keyed(fake().fail(first), ONCE).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      assertThat(operator.deadLetters()).hasSize(1);
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1");
    }
  }

  @Test
  void forgetsWhenTheTimeIsOver() throws Exception {
    try (OperatorFixture operator = keyed(fake(), ONCE).open()) {
      operator.harness().setStateTtlProcessingTime(0);
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      operator.harness().setStateTtlProcessingTime(Duration.ofMinutes(61).toMillis());
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1", "r1");
    }
  }

  @Test
  void refusesToRunOnAStreamWithoutKeys() throws Exception {
    try (OperatorFixture operator = new OperatorFixture(fake().build(), ONCE)) {
      assertThatThrownBy(operator::open)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("keyed stream");
    }
  }

  @Test
  void requestsInFlightMoveWithTheirKeyWhenTheJobIsRescaled() throws Exception {
    InferenceOptions ordered = InferenceOptions.DEFAULT.withOrder(ResultOrder.KEY_ORDERED);
    OperatorSubtaskState state;
    try (OperatorFixture operator = keyed(fake(), ordered).open()) {
      for (int i = 0; i < 60; i++) {
        operator.process(Prompts.record("key" + i % 12, "r" + i, Prompts.request("r" + i, "one")));
      }
      state = AbstractStreamOperatorTestHarness.repackageState(operator.harness().snapshot(1, 1));
    }
    List<String> restoredIds = new ArrayList<>();
    for (int subtask = 0; subtask < 3; subtask++) {
      OperatorSubtaskState ours =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, OperatorFixture.MAX_PARALLELISM, 1, 3, subtask);
      try (OperatorFixture restored =
          OperatorFixture.keyed(fake().build(), ordered, 3, subtask).restore(ours)) {
        for (InFlightRequest request : StateReader.read(restored.harness().snapshot(2, 2))) {
          assertThat(
                  KeyGroupRangeAssignment.assignKeyToParallelOperator(
                      PromptKeys.of(request.prompt()), OperatorFixture.MAX_PARALLELISM, 3))
              .isEqualTo(subtask);
        }
        restored.runToIdle();
        restoredIds.addAll(restored.completedIds());
      }
    }
    assertThat(restoredIds).hasSize(60).doesNotHaveDuplicates();
    for (int key = 0; key < 12; key++) {
      int wanted = key;
      assertThat(
              restoredIds.stream()
                  .map(id -> Integer.parseInt(id.substring(1)))
                  .filter(number -> number % 12 == wanted))
          .isSorted();
    }
  }
}
