package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.CalledTool;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolDefinition;
import ai.falaj.schemas.ToolOutcome;
import ai.falaj.schemas.ToolRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Models call tools, and go on with what these say. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceToolsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withTools(
          new ToolOptions(true, TIMEOUT, 3, ToolOptions.OnTimeout.TELL_MODEL));

  /** What makes the fake model call a tool. */
  private static final String CALL_ADD = "call add {\"a\":1}";

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
    request.setTools(
        List.of(
            new ToolDefinition("add", "adds", "{\"type\":\"object\"}"),
            new ToolDefinition("sub", "", "{\"type\":\"object\"}")));
    return request;
  }

  private static PromptRecord prompt(String requestId, String text) {
    return Prompts.record("k", requestId, request(requestId, text));
  }

  private static List<ToolRequest> asked(OperatorFixture operator) {
    return operator.sideOutput(InferenceOutputs.TOOL_REQUESTS).stream()
        .map(OutputRecord::value)
        .toList();
  }

  private static void answer(OperatorFixture operator, ToolRequest call, String content)
      throws Exception {
    operator.process(
        Prompts.toolAnswer("k", call.getRequestId(), call.getToolRequestId(), content));
  }

  private static List<ChatMessage> lastPrompt(OperatorFixture operator) {
    List<GenerationRequest> received = operator.runtime().received();
    return ((Prompt.Chat) received.get(received.size() - 1).prompt()).messages();
  }

  private static void steps(OperatorFixture operator, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      operator.runtime().step();
      operator.runMails();
    }
  }

  @Test
  void asksForTheToolAndGoesOnWithItsAnswer() throws Exception {
    try (OperatorFixture operator = create(fake().reasoning(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      assertThat(operator.completions()).isEmpty();
      ToolRequest call = asked(operator).get(0);
      assertThat(List.of(call.getName(), call.getArguments(), call.getRequestId()))
          .containsExactly("add", "{\"a\":1}", "r1");
      assertThat(call.getKey()).isEqualTo(Prompts.bytes("k"));
      assertThat(call.getAnswerUntil()).isEqualTo(call.getCreatedAt().plus(TIMEOUT));

      answer(operator, call, "it is 3");
      operator.runToIdle();
      Completion completion = operator.completions().get(0);
      assertThat(completion.getAnswer()).isEqualTo("You said: it is 3");
      assertThat(completion.getFinishReason()).isEqualTo(FinishReason.STOP);
      assertThat(completion.getToolCalls())
          .containsExactly(
              new CalledTool(1, call.getCallId(), "add", "{\"a\":1}", ToolOutcome.ANSWERED));
      assertThat(completion.getProvenance().getAttempts()).isEqualTo(1);
      assertThat(lastPrompt(operator))
          .containsExactly(
              new ChatMessage("user", CALL_ADD),
              ChatMessage.assistantCalling(
                  "You said: " + CALL_ADD,
                  List.of(new ai.falaj.runtime.ToolCall(call.getCallId(), "add", "{\"a\":1}"))),
              ChatMessage.toolResult(call.getCallId(), "it is 3"));
    }
  }

  @Test
  void sumsTheUsageOfAllRoundsAndChunksEndWithTheText() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      answer(operator, asked(operator).get(0), "it is 3");
      operator.runToIdle();

      Completion completion = operator.completions().get(0);
      // "You said: call add {..}" and "You said: it is 3", each with its end of turn.
      assertThat(completion.getUsage().getCompletionTokens()).isEqualTo(6 + 6);
      assertThat(completion.getUsage().getPromptTokens()).isEqualTo(3 + (3 + 5 + 3));
      CompletionAssembler assembler = new CompletionAssembler("r1", 1);
      operator.chunks().forEach(assembler::add);
      assertThat(assembler.sample(0).answer()).isEqualTo("You said: it is 3");
      assertThat(assembler.isComplete()).isTrue();
      assertThat(operator.chunks())
          .as("only the last round ends the text")
          .filteredOn(chunk -> chunk.getFinishReason() != null)
          .hasSize(1);
    }
  }

  @Test
  void waitsForAllCallsOfARound() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", "call add {\"a\":1}; sub {\"a\":2}"));
      operator.runToIdle();
      List<ToolRequest> calls = asked(operator);
      assertThat(calls).extracting(ToolRequest::getName).containsExactly("add", "sub");
      answer(operator, calls.get(1), "minus");
      answer(operator, calls.get(1), "a second answer");
      operator.runToIdle();
      assertThat(operator.runtime().received()).hasSize(1);
      answer(operator, calls.get(0), "plus");
      operator.runToIdle();

      assertThat(lastPrompt(operator).subList(2, 4))
          .extracting(ChatMessage::content)
          .containsExactly("plus", "minus");
      assertThat(operator.completedIds()).containsExactly("r1");
    }
  }

  @Test
  void aToolThatTheRequestDoesNotHaveIsNobodysBusiness() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", "call launch {}"));
      operator.runToIdle();
      operator.runToIdle();
      assertThat(asked(operator)).isEmpty();
      assertThat(operator.completions().get(0).getAnswer()).contains("no such tool", "add, sub");
      assertThat(operator.completions().get(0).getToolCalls().get(0).getOutcome())
          .isEqualTo(ToolOutcome.UNKNOWN_TOOL);
    }
  }

  @Test
  void tellsTheModelThatAToolDidNotAnswer() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", "call add {}; sub {}"));
      operator.runToIdle();
      List<ToolRequest> calls = asked(operator);
      answer(operator, calls.get(0), "plus");
      operator.harness().setProcessingTime(TIMEOUT.toMillis());
      operator.runToIdle();
      assertThat(operator.completions().get(0).getAnswer()).contains("did not answer within 30 s");
      assertThat(operator.completions().get(0).getToolCalls())
          .extracting(CalledTool::getOutcome)
          .containsExactly(ToolOutcome.ANSWERED, ToolOutcome.TIMED_OUT);
      answer(operator, calls.get(1), "too late");
      operator.runToIdle();
      assertThat(operator.completions()).hasSize(1);
    }
  }

  @Test
  void orGivesTheRequestUpWhereThatIsWanted() throws Exception {
    InferenceOptions strict =
        OPTIONS.withTools(new ToolOptions(true, TIMEOUT, 3, ToolOptions.OnTimeout.DEAD_LETTER));
    try (OperatorFixture operator = create(fake(), strict).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      operator.harness().setProcessingTime(TIMEOUT.toMillis());
      operator.runMails();
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getRequestId, DeadLetter::getErrorCode)
          .containsExactly(tuple("r1", ErrorCode.TOOL_TIMEOUT));
    }
  }

  @Test
  void aModelThatCallsForEverIsStopped() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      for (int round = 1; round <= 3; round++) {
        assertThat(asked(operator)).hasSize(round);
        assertThat(asked(operator).get(round - 1).getRound()).isEqualTo(round);
        answer(operator, asked(operator).get(round - 1), CALL_ADD);
        operator.runToIdle();
      }
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getErrorCode, DeadLetter::getAttempts)
          .containsExactly(tuple(ErrorCode.TOO_MANY_TOOL_ROUNDS, 4));
    }
  }

  @Test
  void whatMustBeCalledIsCalledOnce() throws Exception {
    PromptRequest request = request("r1", CALL_ADD);
    request.setToolChoice("required");
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.record("k", "r1", request));
      operator.runToIdle();
      answer(operator, asked(operator).get(0), "done");
      operator.runToIdle();
      assertThat(operator.runtime().received())
          .extracting(GenerationRequest::toolChoice)
          .containsExactly(ToolChoice.REQUIRED, ToolChoice.AUTO);
    }
  }

  @Test
  void refusesToolsThatCannotBe() throws Exception {
    PromptRequest two = request("two", CALL_ADD);
    two.setSampling(Prompts.sampling(sampling -> sampling.setN(2)));
    PromptRequest schema = request("schema", CALL_ADD);
    schema.setTools(List.of(new ToolDefinition("add", "", "no json")));
    PromptRequest choice = request("choice", CALL_ADD);
    choice.setToolChoice("mul");
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      for (PromptRequest request : List.of(two, schema, choice)) {
        operator.process(Prompts.record("k", request.getRequestId(), request));
      }
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getErrorCode)
          .containsOnly(ErrorCode.INVALID_PARAMETER)
          .hasSize(3);
    }
    try (OperatorFixture operator = create(fake(), InferenceOptions.DEFAULT).open()) {
      operator.process(prompt("r1", CALL_ADD));
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getErrorCode)
          .containsExactly(ErrorCode.UNSUPPORTED_PARAMETER);
    }
  }

  @Test
  void requestsThatWaitForToolsLeaveRoomForOthersAndForTheirAnswers() throws Exception {
    InferenceOptions one = OPTIONS.withMaxInFlight(1).withOrder(ResultOrder.KEY_ORDERED);
    try (OperatorFixture operator = create(fake(), one).open()) {
      for (int i = 0; i < 5; i++) {
        operator.process(prompt("r" + i, CALL_ADD));
        operator.runToIdle();
      }
      operator.process(prompt("ready", "no call"));
      operator.runToIdle();
      assertThat(operator.completions()).as("it waits for those before it").isEmpty();
      operator.process(prompt("next", "no call"));
      operator.runToIdle();
      for (ToolRequest call : asked(operator)) {
        answer(operator, call, "done");
      }
      for (int i = 0; i < 6; i++) {
        operator.runToIdle();
      }
      assertThat(operator.completedIds())
          .containsExactly("r0", "r1", "r2", "r3", "r4", "ready", "next");
    }
  }

  @Test
  void aCancellationEndsTheWait() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      operator.process(Prompts.cancellation("k"));
      assertThat(operator.completions())
          .extracting(Completion::getFinishReason, c -> c.getToolCalls().get(0).getOutcome())
          .containsExactly(tuple(FinishReason.CANCELLED, ToolOutcome.UNKNOWN));
      answer(operator, asked(operator).get(0), "too late");
      operator.harness().setProcessingTime(2 * TIMEOUT.toMillis());
      operator.runToIdle();
      assertThat(operator.completions()).hasSize(1);
    }
  }

  @Test
  void aRequestTimesOutWhileItWaits() throws Exception {
    InferenceOptions impatient =
        OPTIONS.withTimeouts(new Timeouts(Duration.ZERO, Duration.ofSeconds(10)));
    try (OperatorFixture operator = create(fake(), impatient).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      operator.harness().setProcessingTime(10_000);
      operator.runMails();
      assertThat(operator.deadLetters())
          .extracting(DeadLetter::getErrorCode)
          .containsExactly(ErrorCode.TIMEOUT);
      operator.harness().setProcessingTime(2 * TIMEOUT.toMillis());
      assertThat(operator.deadLetters()).hasSize(1);
    }
  }

  @Test
  void aRestoredWaitGoesOnWithWhatItHadAndAsksForNothingAgain() throws Exception {
    OperatorSubtaskState state;
    List<ToolRequest> calls;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", "call add {}; sub {}"));
      operator.runToIdle();
      calls = asked(operator);
      answer(operator, calls.get(0), "plus");
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS)) {
      restored.harness().setProcessingTime(10 * TIMEOUT.toMillis());
      restored.restore(state);
      restored.runToIdle();
      assertThat(restored.runtime().received()).isEmpty();
      assertThat(asked(restored)).isEmpty();
      answer(restored, calls.get(1), "minus");
      restored.runToIdle();
      assertThat(lastPrompt(restored).subList(2, 4))
          .extracting(ChatMessage::content)
          .containsExactly("plus", "minus");
      assertThat(restored.completions().get(0).getToolCalls()).hasSize(2);
    }
  }

  @Test
  void theTimeOutOfARestoredWaitBeginsAnew() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS)) {
      restored.harness().setProcessingTime(10 * TIMEOUT.toMillis());
      restored.restore(state);
      restored.harness().setProcessingTime(11 * TIMEOUT.toMillis() - 1);
      restored.runToIdle();
      assertThat(restored.completions()).isEmpty();
      restored.harness().setProcessingTime(11 * TIMEOUT.toMillis());
      restored.runToIdle();
      assertThat(restored.completions()).hasSize(1);
    }
  }

  @Test
  void aRestoredSecondRoundHasThePromptThatItsTokensBelongTo() throws Exception {
    OperatorSubtaskState state;
    List<ChatMessage> before;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      operator.runToIdle();
      answer(operator, asked(operator).get(0), "it is 3");
      steps(operator, 2);
      before = lastPrompt(operator);
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      assertThat(lastPrompt(restored)).isEqualTo(before).hasSize(3);
      assertThat(restored.runtime().received().get(0).resumption().map(from -> from.tokens()))
          .isEqualTo(Optional.of(2));
      restored.runToIdle();
      assertThat(restored.completions().get(0).getAnswer()).isEqualTo("You said: it is 3");
      assertThat(restored.completions().get(0).getUsage().getCompletionTokens()).isEqualTo(12);
    }
  }

  @Test
  void callsThatAFailureForgotAreAskedForAgainUnderTheSameName() throws Exception {
    OperatorSubtaskState state;
    List<ToolRequest> first;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(prompt("r1", CALL_ADD));
      steps(operator, 2);
      state = operator.harness().snapshot(1, 1);
      operator.runToIdle();
      first = asked(operator);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(asked(restored))
          .extracting(ToolRequest::getToolRequestId)
          .containsExactly(first.get(0).getToolRequestId());
      answer(restored, first.get(0), "one answer for both");
      restored.runToIdle();
      assertThat(restored.completedIds()).containsExactly("r1");
    }
  }

  @Test
  void waitsMoveWithTheirKeysWhenTheJobIsRescaled() throws Exception {
    int prompts = 20;
    OperatorSubtaskState state;
    List<ToolRequest> calls;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      for (int i = 0; i < prompts; i++) {
        operator.process(Prompts.record("k" + i, "r" + i, request("r" + i, CALL_ADD)));
      }
      operator.runToIdle();
      operator.runToIdle();
      calls = asked(operator);
      state = operator.harness().snapshot(1, 1);
    }
    assertThat(calls).hasSize(prompts);
    List<String> completed = new ArrayList<>();
    for (int subtask = 0; subtask < 2; subtask++) {
      OperatorSubtaskState part =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, OperatorFixture.MAX_PARALLELISM, 1, 2, subtask);
      FakeRuntimeSpec.Builder spec = FakeRuntimeSpec.builder(model + subtask).drivenByTest();
      try (OperatorFixture restored =
          OperatorFixture.keyed(spec.build(), OPTIONS, 2, subtask).restore(part)) {
        int mine = StateReader.read(restored.harness().snapshot(2, 2)).size();
        for (InFlightRequest request : StateReader.read(restored.harness().snapshot(3, 3))) {
          String id = ((PromptRecord.Request) request.prompt().content()).request().getRequestId();
          String key = "k" + id.substring(1);
          String call = request.rounds().get(0).calls().get(0).toolRequestId();
          restored.process(Prompts.toolAnswer(key, id, call, "done"));
        }
        for (int i = 0; i < 10; i++) {
          restored.runToIdle();
        }
        assertThat(restored.completions()).hasSize(mine);
        completed.addAll(restored.completedIds());
      }
    }
    assertThat(completed).hasSize(prompts).doesNotHaveDuplicates();
  }

  @Test
  void theNextTurnWaitsUntilToolsAnsweredTheOneBefore() throws Exception {
    InferenceOptions both =
        OPTIONS
            .withConversations(ConversationOptions.truncating(Duration.ofHours(1), 1_000))
            .withMaxInFlight(1);
    try (OperatorFixture operator = create(fake(), both).open()) {
      PromptRequest one = request("r1", CALL_ADD);
      one.setConversationId("c");
      PromptRequest two = request("r2", "two");
      two.setConversationId("c");
      operator.process(Prompts.record("k", "r1", one));
      operator.process(Prompts.record("k", "r2", two));
      operator.runToIdle();
      answer(operator, asked(operator).get(0), "it is 3");
      operator.runToIdle();
      operator.runToIdle();
      assertThat(lastPrompt(operator))
          .extracting(ChatMessage::content)
          .as("the answer, and not the calls on the way to it")
          .containsExactly(CALL_ADD, "You said: it is 3", "two");
      assertThat(operator.completedIds()).containsExactly("r1", "r2");
    }
  }
}
