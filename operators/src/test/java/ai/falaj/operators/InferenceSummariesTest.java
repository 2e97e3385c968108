package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversations that outgrow their tokens go on after a summary. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceSummariesTest {

  private static final Duration TIME_TO_LIVE = Duration.ofHours(1);

  /** A turn of one word is about 20 tokens: two stay, the third makes a summary due. */
  private static final ConversationOptions CONVERSATIONS =
      ConversationOptions.summarizing(TIME_TO_LIVE, 50, new SummaryOptions("", 25, "sum up"));

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withConversations(CONVERSATIONS);

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private static OperatorFixture create(FakeRuntimeSpec.Builder spec, InferenceOptions options)
      throws Exception {
    return OperatorFixture.keyed(spec.build(), options, 1, 0);
  }

  private static PromptRecord turn(String requestId, String text) {
    PromptRequest request = Prompts.request(requestId, text);
    request.setConversationId("c");
    request.setPriority(3);
    return Prompts.record("k", requestId, request);
  }

  /** Three turns, the last of which makes a summary due that has not begun to be written. */
  private static void outgrow(OperatorFixture operator) throws Exception {
    for (String text : List.of("one", "two", "three")) {
      operator.process(turn(text, text));
      operator.runToIdle();
    }
  }

  private static GenerationRequest received(OperatorFixture operator, String requestId) {
    return operator.runtime().received().stream()
        .filter(request -> request.requestId().equals(requestId))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private static List<String> asked(OperatorFixture operator, String requestId) {
    return ((Prompt.Chat) received(operator, requestId).prompt())
        .messages().stream()
            .map(message -> message.role() + ": " + message.content().replaceAll(" #\\d+$", ""))
            .toList();
  }

  private static List<String> receivedIds(OperatorFixture operator) {
    return operator.runtime().received().stream().map(GenerationRequest::requestId).toList();
  }

  private static void runToEnd(OperatorFixture operator) throws Exception {
    for (int i = 0; i < 20; i++) {
      operator.runToIdle();
    }
  }

  @Test
  void asksForASummaryOfTheOldestTurnsWhenTheyHaveLeft() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);

      assertThat(operator.completedIds()).containsExactly("one", "two", "three");
      assertThat(asked(operator, "three/summary"))
          .as("begins as the prompts before it did, whose prefix is cached")
          .containsExactly(
              "user: one",
              "assistant: You said: one",
              "user: two",
              "assistant: You said: two",
              "user: sum up");
      GenerationRequest summary = received(operator, "three/summary");
      assertThat(summary.sampling().maxTokens()).hasValue(25);
      assertThat(summary.tenant()).contains("tenant");
      assertThat(summary.priority()).isEqualTo(3);
    }
  }

  @Test
  void theNextTurnWaitsForTheSummaryAndBeginsWithIt() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      assertThat(receivedIds(operator)).doesNotContain("four");

      runToEnd(operator);
      assertThat(asked(operator, "four"))
          .containsExactly(
              "user: What did we say so far, in short?",
              "assistant: You said: sum up",
              "user: three",
              "assistant: You said: three",
              "user: four");
      assertThat(operator.completedIds()).containsExactly("one", "two", "three", "four");
      assertThat(operator.chunks())
          .as("nothing of a summary is seen")
          .noneMatch(chunk -> chunk.getRequestId().contains("summary"));
    }
  }

  @Test
  void aSummaryIsSummarisedWithTheTurnsAfterIt() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      for (String text : List.of("one", "two", "three", "four", "five")) {
        operator.process(turn(text, text));
        runToEnd(operator);
      }
      assertThat(asked(operator, "four/summary"))
          .startsWith("user: What did we say so far, in short?", "assistant: You said: sum up")
          .endsWith("user: sum up");
      assertThat(asked(operator, "five")).startsWith("user: What did we say so far, in short?");
    }
  }

  @Test
  void theSystemMessageStaysInFrontOfTheSummary() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      PromptRequest first = Prompts.request("one", "one");
      first.setConversationId("c");
      first.getMessages().add(0, new ai.falaj.schemas.ChatMessage("system", "be brief"));
      operator.process(Prompts.record("k", "one", first));
      runToEnd(operator);
      for (String text : List.of("two", "three", "four")) {
        operator.process(turn(text, text));
        runToEnd(operator);
      }
      assertThat(asked(operator, "three/summary")).startsWith("system: be brief", "user: one");
      assertThat(asked(operator, "four"))
          .startsWith("system: be brief", "user: What did we say so far, in short?");
    }
  }

  @ParameterizedTest
  @EnumSource(ResultOrder.class)
  void keepsTheOrderOfAKeyWhileOthersPass(ResultOrder order) throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS.withOrder(order)).open()) {
      for (int turn = 0; turn < 8; turn++) {
        operator.process(turn("r" + turn, "turn" + turn));
      }
      operator.process(Prompts.record("other", "passes", Prompts.request("passes", "hello")));
      runToEnd(operator);

      assertThat(operator.completedIds())
          .containsSubsequence("r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7")
          .contains("passes")
          .hasSize(9);
      assertThat(receivedIds(operator)).anyMatch(id -> id.endsWith("/summary"));
      assertThat(operator.deadLetters()).isEmpty();
    }
  }

  @Test
  void aSummaryThatFailsDropsTheOldestTurns() throws Exception {
    InjectedFailure refused =
        new InjectedFailure("three/summary", 1, RuntimeErrorCode.CONTENT_FILTERED, 1);
    try (OperatorFixture operator = create(fake().fail(refused), OPTIONS).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      runToEnd(operator);

      assertThat(asked(operator, "four"))
          .containsExactly(
              "user: two",
              "assistant: You said: two",
              "user: three",
              "assistant: You said: three",
              "user: four");
      assertThat(operator.deadLetters()).isEmpty();
      assertThat(operator.completedIds()).containsExactly("one", "two", "three", "four");
    }
  }

  @Test
  void aSummaryThatFailsForAMomentIsTriedAgain() throws Exception {
    InjectedFailure failure =
        new InjectedFailure("three/summary", 1, RuntimeErrorCode.ENGINE_FAILURE, 1);
    try (OperatorFixture operator = create(fake().fail(failure), OPTIONS)) {
      operator.harness().setProcessingTime(0);
      operator.open();
      outgrow(operator);
      operator.process(turn("four", "four"));
      runToEnd(operator);
      assertThat(receivedIds(operator)).doesNotContain("four");
      operator.harness().setProcessingTime(60_000);
      runToEnd(operator);

      assertThat(asked(operator, "four")).startsWith("user: What did we say so far, in short?");
    }
  }

  @Test
  void aModelThatIsNotServedWritesNoSummary() throws Exception {
    InferenceOptions unknown =
        OPTIONS.withConversations(
            ConversationOptions.summarizing(
                TIME_TO_LIVE, 50, new SummaryOptions("nobody", 25, "sum up")));
    try (OperatorFixture operator = create(fake(), unknown).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      runToEnd(operator);

      assertThat(receivedIds(operator)).containsExactly("one", "two", "three", "four");
      assertThat(asked(operator, "four")).hasSize(5).startsWith("user: two");
    }
  }

  @Test
  void aTurnIsCancelledWhileItWaitsAndTheSummaryIsNot() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      operator.process(Prompts.cancellation("k"));
      assertThat(operator.completedIds()).contains("four");
      operator.process(turn("five", "five"));
      runToEnd(operator);

      assertThat(receivedIds(operator)).doesNotContain("four");
      assertThat(asked(operator, "five"))
          .startsWith("user: What did we say so far, in short?")
          .endsWith("user: five")
          .hasSize(5);
    }
  }

  @Test
  void aSummaryThatNoCheckpointHeldIsBegunAnew() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      operator.runtime().step();
      operator.runMails();
      state = operator.harness().snapshot(1, 1);
      assertThat(StateReader.read(state))
          .as("the summary is none of the requests of a checkpoint")
          .hasSize(1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      assertThat(receivedIds(restored)).containsExactly("four/summary");
      assertThat(asked(restored, "four/summary")).startsWith("user: one").hasSize(5);
      runToEnd(restored);
      assertThat(asked(restored, "four"))
          .startsWith("user: What did we say so far, in short?")
          .hasSize(5);
      assertThat(restored.completedIds()).containsExactly("four");
    }
  }

  @Test
  void aRestoredConversationThatNobodyWaitsForIsSummarisedWhenItGoesOn() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      assertThat(receivedIds(restored)).isEmpty();
      restored.process(turn("four", "four"));
      restored.process(turn("five", "five"));
      runToEnd(restored);
      assertThat(receivedIds(restored)).startsWith("four/summary", "four");
      assertThat(restored.completedIds()).containsExactly("four", "five");
    }
  }

  @Test
  void aSummaryThatWasThereIsRestored() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      runToEnd(operator);
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.process(turn("four", "four"));
      runToEnd(restored);
      assertThat(receivedIds(restored)).startsWith("four");
      assertThat(asked(restored, "four")).contains("assistant: You said: sum up").hasSize(5);
    }
  }

  @Test
  void aJobThatSummarisesNoMoreDropsTheTurnsThatWaited() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      outgrow(operator);
      operator.process(turn("four", "four"));
      state = operator.harness().snapshot(1, 1);
    }
    InferenceOptions truncating =
        OPTIONS.withConversations(ConversationOptions.truncating(TIME_TO_LIVE, 50));
    try (OperatorFixture restored = create(fake(), truncating).restore(state)) {
      runToEnd(restored);
      assertThat(asked(restored, "four")).startsWith("user: two").hasSize(5);
    }
  }

  @Test
  void aTurnThatWaitsForASummaryTimesOutLikeOthers() throws Exception {
    InferenceOptions impatient =
        OPTIONS.withTimeouts(new Timeouts(Duration.ZERO, Duration.ofSeconds(10)));
    try (OperatorFixture operator = create(fake().hang("three/summary"), impatient)) {
      operator.harness().setProcessingTime(0);
      operator.open();
      outgrow(operator);
      operator.harness().setProcessingTime(5_000);
      operator.process(turn("four", "four"));
      operator.harness().setProcessingTime(10_000);
      operator.runMails();
      runToEnd(operator);

      assertThat(operator.completedIds()).as("the summary was given up").contains("four");
      assertThat(operator.deadLetters()).extracting(DeadLetter::getRequestId).isEmpty();
      assertThat(asked(operator, "four")).startsWith("user: two");
    }
  }

  @Test
  void theEndOfTheInputWaitsForSummaries() throws Exception {
    FakeRuntimeSpec.Builder live = FakeRuntimeSpec.builder(model);
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(live, OPTIONS).open()) {
      for (String text : List.of("one", "two", "three")) {
        operator.process(turn(text, text));
      }
      operator.harness().endInput();
      assertThat(receivedIds(operator)).endsWith("three/summary");
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.process(turn("four", "four"));
      assertThat(asked(restored, "four")).startsWith("user: What did we say so far, in short?");
    }
  }

  @Test
  void aSummaryIsAtMostHalfOfWhatIsKept() {
    SummaryOptions large = new SummaryOptions("", 26, "sum up");
    assertThatThrownBy(() -> ConversationOptions.summarizing(TIME_TO_LIVE, 50, large))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("26")
        .hasMessageContaining("50");
  }
}
