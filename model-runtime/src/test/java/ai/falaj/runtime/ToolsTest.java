package ai.falaj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ToolsTest {

  private static final ToolDefinition CLOCK =
      new ToolDefinition("clock", "Tells the time", ToolDefinition.NO_PARAMETERS);
  private static final Prompt PROMPT =
      new Prompt.Chat(List.of(new ChatMessage("user", "What time is it?")));

  @Test
  void keepsToolsAndChoiceWhenARequestIsResumed() {
    GenerationRequest request =
        GenerationRequest.builder("id", PROMPT)
            .sampling(SamplingParameters.builder().seed(1).build())
            .tools(List.of(CLOCK))
            .toolChoice(new ToolChoice.Named("clock"))
            .build();

    GenerationRequest resumed =
        request.resumed(
            new Resumption(Optional.empty(), List.of(Resumption.Sample.of(TokenIds.UNKNOWN))));

    assertThat(resumed.tools()).containsExactly(CLOCK);
    assertThat(resumed.toolChoice()).isEqualTo(new ToolChoice.Named("clock"));
  }

  @Test
  void refusesTwoToolsOfOneName() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GenerationRequest.builder("id", PROMPT).tools(List.of(CLOCK, CLOCK)).build())
        .withMessageContaining("two tools are named clock");
  }

  @Test
  void refusesAChoiceThatIsNoneOfTheTools() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.builder("id", PROMPT)
                    .tools(List.of(CLOCK))
                    .toolChoice(new ToolChoice.Named("calendar"))
                    .build())
        .withMessageContaining("calendar");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GenerationRequest.builder("id", PROMPT).toolChoice(ToolChoice.REQUIRED).build())
        .withMessageContaining("no tools");
  }

  @Test
  void refusesNamesThatSomeEngineWouldRefuse() {
    for (String name : List.of("", "two words", "ساعة", "x".repeat(65))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ToolDefinition(name, "", ToolDefinition.NO_PARAMETERS))
          .withMessageContaining("1 to 64");
    }
  }

  @Test
  void ownsCallsByTheAssistantAndResultsByTheTool() {
    ToolCall call = new ToolCall("call-1", "clock", "{}");

    assertThat(ChatMessage.assistantCalling("", List.of(call)).toolCalls()).containsExactly(call);
    assertThat(ChatMessage.toolResult("call-1", "noon").toolCallId()).hasValue("call-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatMessage("user", "", List.of(call), Optional.empty()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatMessage("user", "noon", List.of(), Optional.of("call-1")));
  }
}
