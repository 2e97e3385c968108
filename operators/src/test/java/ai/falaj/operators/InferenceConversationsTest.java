package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Turns follow each other, each after what was said before. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceConversationsTest {

  private static final Duration TIME_TO_LIVE = Duration.ofHours(1);
  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withConversations(
          ConversationOptions.truncating(TIME_TO_LIVE, 1_000));

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

  private static PromptRequest request(String requestId, String text) {
    PromptRequest request = Prompts.request(requestId, text);
    request.setConversationId("c");
    return request;
  }

  /** A turn of the one conversation of a key. */
  private static PromptRecord turn(String key, String requestId, String text) {
    return Prompts.record(key, requestId, request(requestId, text));
  }

  private static PromptRecord withSystem(String requestId, String system, String text) {
    PromptRequest request = request(requestId, text);
    request.getMessages().add(0, new ai.falaj.schemas.ChatMessage("system", system));
    return Prompts.record("k", requestId, request);
  }

  /** What the model was asked in a request, as {@code role: content}. */
  private static List<String> asked(OperatorFixture operator, String requestId) {
    GenerationRequest last = null;
    for (GenerationRequest request : operator.runtime().received()) {
      last = request.requestId().equals(requestId) ? request : last;
    }
    return ((Prompt.Chat) last.prompt())
        .messages().stream().map(InferenceConversationsTest::shown).toList();
  }

  private static String shown(ChatMessage message) {
    return message.role() + ": " + message.content();
  }

  private static List<String> receivedIds(OperatorFixture operator) {
    return operator.runtime().received().stream().map(GenerationRequest::requestId).toList();
  }

  private static void steps(OperatorFixture operator, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      operator.runtime().step();
      operator.runMails();
    }
  }

  /** Each request that waits for the one before it is submitted by a mail. */
  private static void runToEnd(OperatorFixture operator) throws Exception {
    for (int i = 0; i < 20; i++) {
      operator.runToIdle();
    }
  }

  @Test
  void putsInFrontWhatWasSaidBefore() throws Exception {
    try (OperatorFixture operator = create(fake().reasoning(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      operator.runToIdle();
      operator.process(turn("k", "r3", "three"));
      operator.runToIdle();

      assertThat(asked(operator, "r3"))
          .as("answers without their reasoning")
          .containsExactly(
              "user: one",
              "assistant: You said: one",
              "user: two",
              "assistant: You said: two",
              "user: three");
      assertThat(operator.completedIds()).containsExactly("r1", "r2", "r3");
    }
  }

  @Test
  void keepsConversationsOfOtherKeysAndNamesApart() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("other", "r2", "two"));
      PromptRequest otherName = request("r3", "three");
      otherName.setConversationId("d");
      operator.process(Prompts.record("k", "r3", otherName));
      PromptRequest none = request("r4", "four");
      none.setConversationId(null);
      operator.process(Prompts.record("k", "r4", none));
      operator.runToIdle();

      assertThat(asked(operator, "r2")).containsExactly("user: two");
      assertThat(asked(operator, "r3")).containsExactly("user: three");
      assertThat(asked(operator, "r4")).containsExactly("user: four");
    }
  }

  @Test
  void keepsTheSystemMessageUntilAnotherComes() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(withSystem("r1", "be brief", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      operator.runToIdle();
      operator.process(withSystem("r3", "be kind", "three"));
      operator.runToIdle();

      assertThat(asked(operator, "r2"))
          .containsExactly(
              "system: be brief", "user: one", "assistant: You said: one", "user: two");
      assertThat(asked(operator, "r3")).startsWith("system: be kind", "user: one");
    }
  }

  @Test
  void dropsTheOldestTurnsWhole() throws Exception {
    // A turn of one word each is about 20 tokens.
    InferenceOptions small =
        OPTIONS.withConversations(ConversationOptions.truncating(TIME_TO_LIVE, 45));
    try (OperatorFixture operator = create(fake(), small).open()) {
      operator.process(withSystem("r1", "be brief", "one"));
      operator.runToIdle();
      for (String text : List.of("two", "three", "four")) {
        operator.process(turn("k", text, text));
        operator.runToIdle();
      }
      assertThat(asked(operator, "four"))
          .containsExactly(
              "system: be brief",
              "user: two",
              "assistant: You said: two",
              "user: three",
              "assistant: You said: three",
              "user: four");
    }
  }

  @Test
  void keepsTheNewestTurnHoweverLongItIs() throws Exception {
    InferenceOptions tiny =
        OPTIONS.withConversations(ConversationOptions.truncating(TIME_TO_LIVE, 1));
    try (OperatorFixture operator = create(fake(), tiny).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      operator.runToIdle();
      assertThat(asked(operator, "r2"))
          .containsExactly("user: one", "assistant: You said: one", "user: two");
    }
  }

  @ParameterizedTest
  @EnumSource(ResultOrder.class)
  void runsTurnsOneAfterTheOtherAndOthersPass(ResultOrder order) throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS.withOrder(order)).open()) {
      operator.process(turn("k", "r1", "one two three four five"));
      operator.process(turn("k", "r2", "two"));
      operator.process(turn("k", "r3", "three"));
      operator.process(turn("other", "r4", "four"));
      assertThat(receivedIds(operator)).containsExactly("r1", "r4");

      runToEnd(operator);
      assertThat(receivedIds(operator)).containsExactly("r1", "r4", "r2", "r3");
      assertThat(operator.completedIds()).containsSubsequence("r1", "r2", "r3").contains("r4");
      assertThat(asked(operator, "r3"))
          .containsExactly(
              "user: one two three four five",
              "assistant: You said: one two three four five",
              "user: two",
              "assistant: You said: two",
              "user: three");
    }
  }

  @Test
  void turnsThatWaitDoNotKeepOthersOut() throws Exception {
    InferenceOptions two = OPTIONS.withMaxInFlight(2);
    try (OperatorFixture operator = create(fake(), two).open()) {
      for (int turn = 0; turn < 10; turn++) {
        operator.process(turn("k", "r" + turn, "turn " + turn));
      }
      operator.process(turn("other", "passes", "hello"));
      assertThat(receivedIds(operator)).containsExactly("r0", "passes");
      runToEnd(operator);
      assertThat(operator.completions()).hasSize(11);
    }
  }

  @Test
  void aCancelledTurnLeavesTheConversationAsItWas() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two two two two"));
      operator.process(turn("k", "r3", "three"));
      steps(operator, 2);
      operator.process(Prompts.cancellation("k"));
      runToEnd(operator);
      assertThat(operator.completions())
          .extracting(Completion::getFinishReason)
          .containsExactlyInAnyOrder(
              FinishReason.STOP, FinishReason.CANCELLED, FinishReason.CANCELLED);

      operator.process(turn("k", "r4", "four"));
      operator.runToIdle();
      assertThat(receivedIds(operator)).as("r3 never ran").doesNotContain("r3");
      assertThat(asked(operator, "r4"))
          .containsExactly("user: one", "assistant: You said: one", "user: four");
    }
  }

  @Test
  void aDeadLetterLeavesTheConversationAsItWasAndSaysSo() throws Exception {
    InjectedFailure bad = new InjectedFailure("r2", 1, RuntimeErrorCode.CONTENT_FILTERED, 2);
    try (OperatorFixture operator = create(fake().fail(bad), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.process(turn("k", "r2", "two"));
      operator.process(turn("k", "r3", "three"));
      runToEnd(operator);

      assertThat(operator.deadLetters())
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.CONTENT_FILTERED);
                assertThat(letter.getMessage()).contains("conversation is as it was");
              });
      assertThat(asked(operator, "r3"))
          .containsExactly("user: one", "assistant: You said: one", "user: three");
    }
  }

  @Test
  void aTurnThatWaitsTimesOutLikeOthers() throws Exception {
    InferenceOptions impatient =
        OPTIONS.withTimeouts(new Timeouts(Duration.ZERO, Duration.ofSeconds(10)));
    try (OperatorFixture operator = create(fake().hang("r1"), impatient)) {
      operator.harness().setProcessingTime(0);
      operator.open();
      operator.process(turn("k", "r1", "one"));
      operator.harness().setProcessingTime(5_000);
      operator.process(turn("k", "r2", "two"));
      operator.process(turn("k", "r3", "three"));
      operator.harness().setProcessingTime(10_000);
      operator.runMails();
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getRequestId, DeadLetter::getErrorCode)
          .containsExactly(tuple("r1", ErrorCode.TIMEOUT));
      runToEnd(operator);
      assertThat(operator.completedIds()).containsExactly("r2", "r3");
      assertThat(asked(operator, "r2")).containsExactly("user: two");
    }
  }

  @Test
  void forgetsWhatIsOlderThanItsTimeToLive() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.harness().setStateTtlProcessingTime(0);
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.harness().setStateTtlProcessingTime(TIME_TO_LIVE.toMillis() - 1);
      operator.process(turn("k", "r2", "two"));
      operator.runToIdle();
      assertThat(asked(operator, "r2")).hasSize(3);
      operator.harness().setStateTtlProcessingTime(2 * TIME_TO_LIVE.toMillis() - 2);
      operator.process(turn("k", "r3", "three"));
      operator.runToIdle();
      assertThat(asked(operator, "r3")).as("each turn begins its time anew").hasSize(5);
      operator.harness().setStateTtlProcessingTime(3 * TIME_TO_LIVE.toMillis());
      operator.process(turn("k", "r4", "four"));
      operator.runToIdle();
      assertThat(asked(operator, "r4")).containsExactly("user: four");
    }
  }

  @Test
  void aRestoredTurnHasThePromptThatItsTokensBelongTo() throws Exception {
    OperatorSubtaskState state;
    List<String> before;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      operator.process(turn("k", "r3", "three"));
      steps(operator, 2);
      before = asked(operator, "r2");
      state = operator.harness().snapshot(1, 1);
    }
    // A smaller budget applies to turns that end from now on.
    InferenceOptions smaller =
        OPTIONS.withConversations(ConversationOptions.truncating(TIME_TO_LIVE, 1));
    try (OperatorFixture restored = create(fake(), smaller).restore(state)) {
      assertThat(receivedIds(restored)).containsExactly("r2");
      assertThat(asked(restored, "r2")).isEqualTo(before).hasSize(3);
      assertThat(restored.runtime().received().get(0).resumption().map(Resumption::tokens))
          .contains(2);
      runToEnd(restored);
      assertThat(restored.completions())
          .extracting(Completion::getAnswer)
          .containsExactly("You said: two", "You said: three");
      assertThat(asked(restored, "r3"))
          .containsExactly("user: two", "assistant: You said: two", "user: three");
    }
  }

  @Test
  void aResultThatWaitsForItsTurnToLeaveIsNoTurnYet() throws Exception {
    OperatorSubtaskState state;
    InferenceOptions ordered = OPTIONS.withOrder(ResultOrder.ORDERED);
    try (OperatorFixture operator = create(fake().hang("slow"), ordered).open()) {
      operator.process(turn("other", "slow", "hangs"));
      operator.process(turn("k", "r1", "one"));
      operator.process(turn("k", "r2", "two"));
      operator.runToIdle();
      assertThat(receivedIds(operator)).containsExactly("slow", "r1");
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), ordered).restore(state)) {
      runToEnd(restored);
      assertThat(restored.completedIds()).containsExactly("slow", "r1", "r2");
      assertThat(receivedIds(restored)).as("r1 is not generated again").doesNotContain("r1");
      assertThat(asked(restored, "r2"))
          .containsExactly("user: one", "assistant: You said: one", "user: two");
    }
  }

  @Test
  void tokensOfAnotherHistoryAreNotContinued() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      steps(operator, 2);
      state = operator.harness().snapshot(1, 1);
    }
    InferenceOptions off = OPTIONS.withConversations(ConversationOptions.NONE);
    try (OperatorFixture restored = create(fake(), off).restore(state)) {
      assertThat(asked(restored, "r2")).containsExactly("user: two");
      assertThat(restored.runtime().received().get(0).resumption()).isEmpty();
      restored.runToIdle();
      assertThat(restored.chunks().get(0).getTokenOffset()).isZero();
      assertThat(restored.completedIds()).containsExactly("r2");
    }
  }

  @Test
  void aRepeatThatIsAnsweredAgainIsNoTurnEvenAfterARestore() throws Exception {
    InferenceOptions again =
        OPTIONS
            .withOrder(ResultOrder.KEY_ORDERED)
            .withDeduplication(new Deduplication(TIME_TO_LIVE, true));
    OperatorSubtaskState state;
    PromptRecord first = turn("k", "r1", "one");
    try (OperatorFixture operator = create(fake().hang("r2"), again).open()) {
      operator.process(first);
      operator.runToIdle();
      operator.process(turn("k", "r2", "two"));
      operator.process(first);
      operator.runToIdle();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), again).restore(state)) {
      runToEnd(restored);
      assertThat(restored.completedIds()).containsExactly("r2", "r1");
      restored.process(turn("k", "r3", "three"));
      runToEnd(restored);
      assertThat(asked(restored, "r3"))
          .containsExactly(
              "user: one",
              "assistant: You said: one",
              "user: two",
              "assistant: You said: two",
              "user: three");
    }
  }

  @Test
  void conversationsMoveWithTheirKeysWhenTheJobIsRescaled() throws Exception {
    int keys = 20;
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      for (int key = 0; key < keys; key++) {
        operator.process(turn("k" + key, "first-" + key, "one " + key));
      }
      runToEnd(operator);
      for (int key = 0; key < keys; key++) {
        operator.process(turn("k" + key, "second-" + key, "two " + key));
        operator.process(turn("k" + key, "third-" + key, "three " + key));
      }
      steps(operator, 2);
      state = operator.harness().snapshot(1, 1);
    }
    List<String> completed = new ArrayList<>();
    for (int subtask = 0; subtask < 2; subtask++) {
      OperatorSubtaskState part =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, OperatorFixture.MAX_PARALLELISM, 1, 2, subtask);
      FakeRuntimeSpec.Builder spec = FakeRuntimeSpec.builder(model + subtask).drivenByTest();
      try (OperatorFixture restored =
          OperatorFixture.keyed(spec.build(), OPTIONS, 2, subtask).restore(part)) {
        runToEnd(restored);
        for (String id : restored.completedIds()) {
          String key = id.substring(id.indexOf('-') + 1);
          assertThat(asked(restored, id))
              .startsWith("user: one " + key, "assistant: You said: one " + key)
              .hasSize(id.startsWith("second") ? 3 : 5);
        }
        completed.addAll(restored.completedIds());
      }
    }
    assertThat(completed).hasSize(2 * keys).doesNotHaveDuplicates();
  }

  private static PromptRecord shadowed(String requestId, String text) {
    return turn("k", requestId, text)
        .withContent(new PromptRecord.Request(request(requestId, text), List.of("big", "small")));
  }

  /** The copies for shadows, as {@code model of request: messages}. */
  private static List<String> copies(OperatorFixture operator) {
    var copies = operator.harness().getSideOutput(InferenceOutputs.SHADOWS);
    if (copies == null) {
      return List.of();
    }
    return copies.stream()
        .map(copy -> ((PromptRecord.Request) copy.getValue().content()).request())
        .map(
            copy ->
                copy.getModel()
                    + " of "
                    + copy.getRequestId()
                    + ": "
                    + RequestMapper.chat(copy.getMessages()).stream()
                        .map(InferenceConversationsTest::shown)
                        .toList())
        .toList();
  }

  @Test
  void shadowsAreAskedWhatTheirRequestIsAskedWhenItsTurnComes() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(turn("k", "r1", "one"));
      operator.process(shadowed("r2", "two"));
      assertThat(copies(operator)).as("it is not its turn").isEmpty();
      runToEnd(operator);

      assertThat(copies(operator))
          .containsExactly(
              "big of r2: [user: one, assistant: You said: one, user: two]",
              "small of r2: [user: one, assistant: You said: one, user: two]");
      assertThat(operator.completedIds()).containsExactly("r1", "r2");
    }
  }

  @Test
  void shadowsAreNotAskedAgainAfterARestore() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(shadowed("r1", "one"));
      operator.process(shadowed("r2", "two"));
      assertThat(copies(operator)).hasSize(2);
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      assertThat(copies(restored)).isEmpty();
      runToEnd(restored);
      assertThat(copies(restored)).as("those of the turn that had not come").hasSize(2);
      assertThat(restored.completedIds()).containsExactly("r1", "r2");
    }
  }

  @Test
  void needsAKeyedStream() throws Exception {
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS)) {
      assertThatThrownBy(operator::open)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("PromptKeys");
    }
  }
}
