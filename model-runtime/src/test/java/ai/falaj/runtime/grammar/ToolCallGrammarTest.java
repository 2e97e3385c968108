package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToolCallGrammarTest {

  private static final ToolDefinition ADD =
      new ToolDefinition(
          "add",
          "",
          """
          {"type": "object", "properties": {"a": {"$ref": "#/$defs/number"}}, "required": ["a"],
           "additionalProperties": false, "$defs": {"number": {"type": "integer"}}}
          """);
  private static final ToolDefinition NOW =
      new ToolDefinition("now", "", "{\"type\":\"object\",\"additionalProperties\":false}");

  @Test
  void nobodyIsHeldToACallThatIsNotAskedFor() throws Exception {
    assertThat(ToolCallGrammar.compile(List.of(ADD), ToolChoice.AUTO)).isEmpty();
    assertThat(ToolCallGrammar.compile(List.of(ADD), ToolChoice.NONE)).isEmpty();
    assertThat(ToolCallGrammar.compile(List.of(), ToolChoice.AUTO)).isEmpty();
  }

  private static String call(String json) {
    return "<tool_call>\n" + json + "\n</tool_call>";
  }

  @Test
  void theCallStandsBetweenItsTagsAndSatisfiesTheSchemaOfItsTool() throws Exception {
    Grammar grammar = ToolCallGrammar.compile(List.of(ADD, NOW), ToolChoice.REQUIRED).orElseThrow();
    GbnfMatcher matcher = new GbnfMatcher(grammar.gbnf());

    assertThat(matcher.matches(call("{\"name\": \"add\", \"arguments\": {\"a\": 7}}"))).isTrue();
    assertThat(matcher.matches(call("{\"name\": \"now\", \"arguments\": {}}"))).isTrue();
    for (String wrong :
        List.of(
            "{\"name\": \"add\", \"arguments\": {}}",
            "{\"name\": \"add\", \"arguments\": {\"a\": \"7\"}}",
            "{\"name\": \"now\", \"arguments\": {\"a\": 7}}",
            "{\"name\": \"else\", \"arguments\": {}}",
            "{\"name\": \"now\"}")) {
      assertThat(matcher.matches(call(wrong))).as(wrong).isFalse();
    }
    assertThat(matcher.matches("{\"name\": \"now\", \"arguments\": {}}")).isFalse();
    assertThat(matcher.matches("I cannot say.")).isFalse();
  }

  @Test
  void aNamedToolIsTheOnlyOne() throws Exception {
    Grammar grammar =
        ToolCallGrammar.compile(List.of(ADD, NOW), new ToolChoice.Named("now")).orElseThrow();
    GbnfMatcher matcher = new GbnfMatcher(grammar.gbnf());

    assertThat(matcher.matches(call("{\"name\": \"now\", \"arguments\": {}}"))).isTrue();
    assertThat(matcher.matches(call("{\"name\": \"add\", \"arguments\": {\"a\": 7}}"))).isFalse();
  }

  @Test
  void parametersThatNoGrammarCanHoldAreRefused() {
    ToolDefinition odd =
        new ToolDefinition("odd", "", "{\"type\":\"object\",\"$dynamicRef\":\"#x\"}");
    assertThatThrownBy(() -> ToolCallGrammar.compile(List.of(odd), ToolChoice.REQUIRED))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("$defs/odd");
    ToolDefinition broken = new ToolDefinition("broken", "", "{");
    assertThatThrownBy(() -> ToolCallGrammar.compile(List.of(broken), ToolChoice.REQUIRED))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("tool broken");
  }
}
