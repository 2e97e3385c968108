package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IntakeFunctionTest {

  private KeyedOneInputStreamOperatorTestHarness<String, PromptRecord, ProblemEvent> harness;

  @BeforeEach
  void open() throws Exception {
    harness = harness();
    harness.open();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, PromptRecord, ProblemEvent>
      harness() throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, PromptRecord, ProblemEvent> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new IntakeFunction(ReasoningOptions.DEFAULT)),
            new PromptKeys(),
            PromptKeys.TYPE);
    harness.setup(ReasoningOutputs.PROBLEM_TYPE.createSerializer(new SerializerConfigImpl()));
    return harness;
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private void process(PromptRecord record) throws Exception {
    harness.processElement(new StreamRecord<>(record));
  }

  private Problem accepted(Consumer<PromptRequest> change) throws Exception {
    PromptRequest request = Prompts.request("r1", "how long?");
    change.accept(request);
    process(Prompts.record("c1", "r1", request));
    return (Problem) harness.extractOutputValues().get(0);
  }

  private DeadLetter refused(Consumer<PromptRequest> change) throws Exception {
    PromptRequest request = Prompts.request("r1", "how long?");
    change.accept(request);
    process(Prompts.record("c1", "r1", request));
    assertThat(harness.extractOutputValues()).isEmpty();
    return harness.getSideOutput(InferenceOutputs.DEAD_LETTERS).remove().getValue().value();
  }

  private static ChatMessage message(String role, String content) {
    return ChatMessage.newBuilder().setRole(role).setContent(content).build();
  }

  @Test
  void refusesWhatHasNoOneAnswer() throws Exception {
    DeadLetter several =
        refused(request -> request.setSampling(SamplingParameters.newBuilder().setN(3).build()));
    assertThat(several.getErrorCode()).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(several.getMessage()).contains("falaj.reasoning.samples");
    assertThat(Prompts.text(several.getValue())).isEqualTo("value of r1");

    assertThat(
            refused(request -> request.setMessages(List.of(message("assistant", "hello"))))
                .getMessage())
        .isEqualTo("the last of 1 messages is no text of a user; a reasoning job answers one");
    assertThat(
            refused(request -> request.setMessages(List.of(message("user", " ")))).getErrorCode())
        .isEqualTo(ErrorCode.EMPTY_PROMPT);
    for (String samples : List.of("0", "4", "-1", "many")) {
      assertThat(
              refused(
                      request ->
                          request.setMetadata(Map.of(ReasoningOptions.SAMPLES_METADATA, samples)))
                  .getMessage())
          .as(samples)
          .contains("must be 1 to 3");
    }
    assertThat(
            refused(
                    request ->
                        request.setSampling(
                            SamplingParameters.newBuilder().setTemperature(3.0).build()))
                .getMessage())
        .isEqualTo("temperature is 3.0; it must be 0.0 to 2.0");
  }

  @Test
  void recordsThatAreNoPromptsBecomeDeadLetters() throws Exception {
    process(Prompts.undecodable(ErrorCode.UNKNOWN_SCHEMA_ID, "schema 77 is unknown"));

    assertThat(harness.getSideOutput(InferenceOutputs.DEAD_LETTERS).remove().getValue().value())
        .extracting(DeadLetter::getErrorCode, DeadLetter::getMessage)
        .containsExactly(ErrorCode.UNKNOWN_SCHEMA_ID, "schema 77 is unknown");
  }

  @Test
  void theSolverGetsTheConversationAndPlannerAndJudgeItsText() throws Exception {
    Problem problem =
        accepted(
            request ->
                request.setMessages(
                    List.of(
                        message("system", "be brief"),
                        message("user", "a falaj?"),
                        message("assistant", "a channel"),
                        message("user", "how long?"))));

    assertThat(problem.trace().getQuestion())
        .isEqualTo("user: a falaj?\nassistant: a channel\nuser: how long?");
    assertThat(Question.forSolver(problem, "think", "how long, with a plan?"))
        .containsExactly(
            message("system", "think\n\nbe brief"),
            message("user", "a falaj?"),
            message("assistant", "a channel"),
            message("user", "how long, with a plan?"));
  }

  @Test
  void aTombstoneCancelsTheProblemsOfItsKeyAlsoAfterARestart() throws Exception {
    Problem problem = accepted(request -> {});
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    harness = harness();
    harness.initializeState(state);
    harness.open();

    process(Prompts.cancellation("another"));
    assertThat(harness.extractOutputValues()).isEmpty();
    process(Prompts.cancellation("c1"));
    assertThat(harness.extractOutputValues())
        .containsExactly(new ProblemCancellation(problem.key(), Prompts.cancellation("c1")));
    process(Prompts.cancellation("c1"));
    assertThat(harness.extractOutputValues()).as("cancelled once").hasSize(1);
  }

  @Test
  void forgetsProblemsWhoseTimeIsOver() throws Exception {
    accepted(request -> {});
    assertThat(harness.numKeyedStateEntries()).isOne();

    harness.setProcessingTime(
        ReasoningOptions.DEFAULT.patience().hard().toMillis() + SolveStep.PARTIAL_GRACE_MS + 1);

    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numProcessingTimeTimers()).isZero();
  }
}
