package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Equal requests are asked once, and every record leaves with what became of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceReuseTest {

  private static final Duration TIME_TO_LIVE = Duration.ofHours(1);

  private static final InferenceOptions REUSE =
      InferenceOptions.DEFAULT.withReuse(new AnswerReuse(TIME_TO_LIVE)).withChunks(false);

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private static OperatorFixture operator(FakeRuntimeSpec.Builder fake) throws Exception {
    return operator(fake, AnswerReview.NONE, 1, 0);
  }

  private static OperatorFixture operator(
      FakeRuntimeSpec.Builder fake, AnswerReview review, int parallelism, int subtask)
      throws Exception {
    FakeRuntimeSpec spec = fake.build();
    return OperatorFixture.keyedByRequest(
        spec,
        new InferenceOperatorFactory(spec, REUSE).withOutcomes().withReview(review),
        parallelism,
        subtask);
  }

  /** The same question, in different records. */
  private static PromptRecord record(String key, String question) {
    return Prompts.record(key, question, Prompts.request(question, question));
  }

  private static List<String> keys(OperatorFixture operator) {
    return operator.outcomes().stream()
        .map(outcome -> Prompts.text(outcome.prompt().key().orElseThrow()))
        .toList();
  }

  @Test
  void asksEqualRequestsInFlightOnceAndAnswersEachRecord() throws Exception {
    try (OperatorFixture operator = operator(fake()).open()) {
      operator.process(record("a", "one"));
      operator.process(record("b", "one"));
      operator.process(record("c", "two"));
      operator.runToIdle();

      assertThat(operator.runtime().received()).hasSize(2);
      assertThat(keys(operator)).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(operator.outcomes())
          .filteredOn(outcome -> !outcome.reused())
          .extracting(outcome -> Prompts.text(outcome.prompt().key().orElseThrow()))
          .containsExactlyInAnyOrder("a", "c");
      assertThat(operator.outcomes())
          .allSatisfy(
              outcome ->
                  assertThat(outcome.completion().orElseThrow().getAnswer())
                      .isEqualTo("You said: " + outcome.completion().get().getRequestId()));
      assertThat(operator.completions()).as("of the main output").isEmpty();
    }
  }

  @Test
  void answersALaterRequestFromWhatItKeepsUntilTheTimeIsOver() throws Exception {
    try (OperatorFixture operator = operator(fake()).open()) {
      operator.harness().setStateTtlProcessingTime(0);
      operator.process(record("a", "one"));
      operator.runToIdle();
      operator.process(record("b", "one"));
      assertThat(keys(operator)).containsExactly("a", "b");
      assertThat(operator.outcomes().get(1).completion().orElseThrow().getAnswer())
          .isEqualTo("You said: one");
      assertThat(operator.outcomes().get(1).completion().orElseThrow().getMetadata()).isEmpty();

      operator.harness().setStateTtlProcessingTime(TIME_TO_LIVE.toMillis() + 1);
      operator.process(record("c", "one"));
      operator.runToIdle();
      assertThat(keys(operator)).containsExactly("a", "b", "c");
      assertThat(operator.runtime().received()).hasSize(2);
    }
  }

  @Test
  void followersEndAsTheOneThatTheyFollowDoesAndMayBeAskedAgain() throws Exception {
    InjectedFailure first = new InjectedFailure("one", 1, RuntimeErrorCode.PROMPT_TOO_LONG, 0);
    try (OperatorFixture operator = operator(fake().fail(first)).open()) {
      operator.process(record("a", "one"));
      operator.process(record("b", "one"));
      operator.runToIdle();
      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.deadLetter().orElseThrow().getErrorCode())
          .containsExactly(ErrorCode.PROMPT_TOO_LONG, ErrorCode.PROMPT_TOO_LONG);

      operator.process(record("c", "one"));
      operator.runToIdle();
      assertThat(operator.outcomes().get(2).completion()).isPresent();
    }
  }

  @Test
  void aRestartLosesAndRepeatsNoRecordAndGoesOnFromItsTokens() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = operator(fake()).open()) {
      operator.process(record("done", "kept"));
      operator.runToIdle();
      operator.process(record("a", "one two three"));
      operator.process(record("b", "one two three"));
      operator.runtime().step();
      operator.runMails();
      state = operator.harness().snapshot(1, 1);
      assertThat(keys(operator)).containsExactly("done");
    }
    try (OperatorFixture restored = operator(fake()).restore(state)) {
      restored.process(record("late", "one two three"));
      restored.process(record("known", "kept"));
      restored.runToIdle();
      assertThat(keys(restored)).containsExactlyInAnyOrder("known", "a", "b", "late");
      assertThat(restored.runtime().received())
          .singleElement()
          .satisfies(request -> assertThat(request.resumption()).isPresent());
    }
  }

  @Test
  void equalRequestsStayTogetherWhenTheJobIsRescaled() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = operator(fake()).open()) {
      for (int i = 0; i < 40; i++) {
        operator.process(record("k" + i, "question " + i % 10));
      }
      state = AbstractStreamOperatorTestHarness.repackageState(operator.harness().snapshot(1, 1));
    }
    List<String> left = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    for (int subtask = 0; subtask < 3; subtask++) {
      OperatorSubtaskState ours =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, OperatorFixture.MAX_PARALLELISM, 1, 3, subtask);
      try (OperatorFixture restored =
          operator(fake(), AnswerReview.NONE, 3, subtask).restore(ours)) {
        restored.runToIdle();
        left.addAll(keys(restored));
        restored.runtime().received().forEach(r -> assertThat(asked.add(r.requestId())).isTrue());
      }
    }
    assertThat(left).hasSize(40).doesNotHaveDuplicates();
    assertThat(asked).hasSize(10);
  }

  @Test
  void asksOnceMoreWhereTheReviewSaysSoAndKeepsThatInCheckpoints() throws Exception {
    AnswerReview review =
        (asked, answer) ->
            asked.getMetadata().containsKey("again")
                ? Optional.empty()
                : Optional.of(again(asked, "better " + answer.getAnswer()));
    OperatorSubtaskState state;
    try (OperatorFixture operator = operator(fake(), review, 1, 0).open()) {
      operator.process(record("a", "one"));
      operator.process(record("b", "one"));
      while (operator.runtime().received().size() < 2) {
        operator.runtime().step();
        operator.runMails();
      }
      operator.runtime().step();
      operator.runMails();
      assertThat(operator.outcomes()).isEmpty();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = operator(fake(), review, 1, 0).restore(state)) {
      restored.runToIdle();
      assertThat(keys(restored)).containsExactlyInAnyOrder("a", "b");
      assertThat(restored.outcomes())
          .extracting(outcome -> outcome.completion().orElseThrow().getAnswer())
          .containsOnly("You said: better You said: one");
      assertThat(restored.runtime().received())
          .singleElement()
          .satisfies(request -> assertThat(request.resumption()).isPresent());
    }
  }

  private static PromptRequest again(PromptRequest asked, String text) {
    return PromptRequest.newBuilder(asked)
        .setMessages(List.of(new ChatMessage("user", text)))
        .setMetadata(Map.of("again", "1"))
        .build();
  }

  @Test
  void refusesToRunOnAStreamWithoutKeys() throws Exception {
    try (OperatorFixture operator = new OperatorFixture(fake().build(), REUSE)) {
      assertThatThrownBy(operator::open)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("keyed stream");
    }
  }

  @Test
  void isNotTogetherWithWhatGoesByRecordKeys() {
    assertThatThrownBy(() -> REUSE.withDeduplication(new Deduplication(TIME_TO_LIVE, false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set one or the other");
  }
}
