package ai.falaj.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ToolCallSplitterTest {

  private static final String CALL = "{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": \"x\"}}";

  /** What a text becomes, as {@code text|calls}, the same however it is cut. */
  private static String split(String text) {
    String whole = splitInPieces(text, List.of(text));
    assertThat(splitInPieces(text, text.chars().mapToObj(c -> "" + (char) c).toList()))
        .isEqualTo(whole);
    Random random = new Random(text.hashCode());
    for (int i = 0; i < 20; i++) {
      int cut = random.nextInt(text.length() + 1);
      assertThat(splitInPieces(text, List.of(text.substring(0, cut), text.substring(cut))))
          .as("cut at %d", cut)
          .isEqualTo(whole);
    }
    return whole;
  }

  private static String splitInPieces(String text, List<String> pieces) {
    ToolCallSplitter splitter = new ToolCallSplitter(0);
    StringBuilder told = new StringBuilder();
    pieces.forEach(piece -> told.append(splitter.append(piece)));
    told.append(splitter.finish());
    return told
        + "|"
        + splitter.calls().stream().map(call -> call.name() + call.arguments()).toList();
  }

  @Test
  void takesCallsOutOfTheAnswer() {
    assertThat(split("<tool_call>\n" + CALL + "\n</tool_call>"))
        .isEqualTo("|[add{\"a\":1,\"b\":\"x\"}]");
    assertThat(split("Let me see.\n<tool_call>" + CALL + "</tool_call>\n"))
        .isEqualTo("Let me see.|[add{\"a\":1,\"b\":\"x\"}]");
  }

  @Test
  void takesSeveralAndNamesThemOnFromThoseOfThePrompt() {
    ToolCallSplitter splitter = new ToolCallSplitter(2);
    splitter.append("<tool_call>" + CALL + "</tool_call>\n<tool_call>{\"name\":\"b\"}</tool_call>");
    assertThat(splitter.finish()).isEmpty();
    assertThat(splitter.calls())
        .containsExactly(
            new ToolCall("call_2", "add", "{\"a\":1,\"b\":\"x\"}"),
            new ToolCall("call_3", "b", "{}"));
  }

  @Test
  void textWithoutCallsIsItself() {
    for (String text : List.of("", " a < b <tool", "x\n\n", "<tool_calls>", "<<tool_call")) {
      assertThat(split(text)).isEqualTo(text + "|[]");
    }
  }

  @Test
  void whatIsNoCallReachesTheReader() {
    for (String text :
        List.of(
            "<tool_call>no json</tool_call> and on",
            "\n<tool_call>{\"arguments\":{}}</tool_call>",
            "<tool_call>[1]</tool_call>",
            "<tool_call></tool_call>",
            "a <tool_call>{\"name\": \"ad")) {
      assertThat(split(text)).isEqualTo(text + "|[]");
    }
  }

  @Test
  void aWholeCallCountsWithoutItsClosingTag() {
    assertThat(split("<tool_call>\n" + CALL)).isEqualTo("|[add{\"a\":1,\"b\":\"x\"}]");
  }

  @Test
  void argumentsThatAreAStringOfJsonAreThatJson() {
    assertThat(split("<tool_call>{\"name\":\"a\",\"arguments\":\"{\\\"b\\\":1}\"}</tool_call>"))
        .isEqualTo("|[a{\"b\":1}]");
  }

  @Test
  void reasoningMayTalkOfCalls() {
    CompletionText text =
        new CompletionText(List.of(), false, Optional.of(new ToolCallSplitter(0)));
    text.append(
        ("<think><tool_call>" + CALL + "</tool_call></think>so: <tool_call>" + CALL)
            .getBytes(StandardCharsets.UTF_8));
    text.finish();
    assertThat(text.reasoning()).isEqualTo("<tool_call>" + CALL + "</tool_call>");
    assertThat(text.answer()).isEqualTo("so:");
    assertThat(text.toolCalls()).hasSize(1);
  }
}
