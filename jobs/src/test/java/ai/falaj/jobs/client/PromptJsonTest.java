package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolCall;
import ai.falaj.schemas.ToolDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptJsonTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private final PromptJson json = new PromptJson(() -> "drawn", InstantSource.fixed(NOW));

  @Test
  void readsABareString() throws Exception {
    PromptRequest request = json.parse("\"What is a falaj?\"");

    assertThat(request.getRequestId()).isEqualTo("drawn");
    assertThat(request.getMessages()).containsExactly(new ChatMessage("user", "What is a falaj?"));
    assertThat(request.getSampling()).isNull();
    assertThat(request.getStream()).isTrue();
    assertThat(request.getCreatedAt()).isEqualTo(NOW);
  }

  @Test
  void readsShortNames() throws Exception {
    PromptRequest request =
        json.parse(
            """
            {"id": "r1", "system": "Be brief.", "prompt": "Hi", "conversation": "c1",
             "max_tokens": 8, "temperature": 0, "stop": "\\n", "seed": 4294967294, "tenant": "t",
             "priority": 3, "deadline": "2026-01-02T04:00:00Z", "stream": false,
             "metadata": {"task": "greet", "row": 7}}
            """);

    assertThat(request.getRequestId()).isEqualTo("r1");
    assertThat(request.getConversationId()).isEqualTo("c1");
    assertThat(request.getMessages())
        .containsExactly(new ChatMessage("system", "Be brief."), new ChatMessage("user", "Hi"));
    assertThat(request.getSampling().getMaxTokens()).isEqualTo(8);
    assertThat(request.getSampling().getTemperature()).isZero();
    assertThat(request.getSampling().getStop()).containsExactly("\n");
    assertThat(request.getSampling().getSeed()).isEqualTo(4294967294L);
    assertThat(request.getPriority()).isEqualTo(3);
    assertThat(request.getDeadline()).isEqualTo("2026-01-02T04:00:00Z");
    assertThat(request.getStream()).isFalse();
    assertThat(request.getMetadata()).isEqualTo(Map.of("task", "greet", "row", "7"));
  }

  @Test
  void readsTheNamesOfTheSchema() throws Exception {
    PromptRequest request =
        json.parse(
            """
            {"request_id": "r1", "conversation_id": null, "created_at": 1700000000000,
             "messages": [{"role": "user", "content": "مرحبا"}],
             "sampling": {"max_tokens": 5, "top_p": 0.9, "response_format": {"type": "object"}}}
            """);

    assertThat(request.getMessages()).isEqualTo(List.of(new ChatMessage("user", "مرحبا")));
    assertThat(request.getConversationId()).isNull();
    assertThat(request.getCreatedAt()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
    assertThat(request.getSampling().getTopP()).isEqualTo(0.9);
    assertThat(request.getSampling().getResponseFormat()).isEqualTo("{\"type\":\"object\"}");
  }

  @Test
  void readsToolsAsOpenAiWritesThem() throws Exception {
    PromptRequest request =
        json.parse(
            """
            {"messages": [
               {"role": "user", "content": "How high?"},
               {"role": "assistant", "content": null, "tool_calls": [
                 {"id": "call_0", "type": "function",
                  "function": {"name": "level", "arguments": "{\\"canal\\": 1}"}}]},
               {"role": "tool", "tool_call_id": "call_0", "content": "1.4"}],
             "tools": [
               {"type": "function", "function": {"name": "level", "description": "of a canal",
                "parameters": {"type": "object"}, "strict": true}},
               {"type": "function", "function": {"name": "now"}}],
             "tool_choice": {"type": "function", "function": {"name": "level"}}}
            """);

    assertThat(request.getTools())
        .containsExactly(
            new ToolDefinition("level", "of a canal", "{\"type\":\"object\"}"),
            new ToolDefinition("now", "", "{\"type\":\"object\",\"properties\":{}}"));
    assertThat(request.getToolChoice()).isEqualTo("level");
    assertThat(request.getMessages())
        .containsExactly(
            new ChatMessage("user", "How high?"),
            new ChatMessage(
                "assistant", "", List.of(new ToolCall("call_0", "level", "{\"canal\": 1}")), null),
            new ChatMessage("tool", "1.4", List.of(), "call_0"));
    assertThat(json.parse("{\"prompt\": \"x\"}").getToolChoice()).isNull();
  }

  @Test
  void readsWhatTheAnswerMustBeLike() throws Exception {
    PromptRequest request =
        json.parse(
            """
            {"prompt": "x", "n": 3, "choice": ["yes", "no"], "reasoning_budget": 64,
             "repetition_penalty": 1.1, "logit_bias": {"7": -100, "8": 0.5}, "logprobs": true,
             "top_logprobs": 5, "adapter": "legal"}
            """);

    assertThat(request.getAdapter()).isEqualTo("legal");
    assertThat(request.getSampling().getN()).isEqualTo(3);
    assertThat(request.getSampling().getChoice()).containsExactly("yes", "no");
    assertThat(request.getSampling().getReasoningBudget()).isEqualTo(64);
    assertThat(request.getSampling().getRepetitionPenalty()).isEqualTo(1.1);
    assertThat(request.getSampling().getLogitBias()).isEqualTo(Map.of("7", -100.0, "8", 0.5));
    assertThat(request.getSampling().getLogprobs()).isTrue();
    assertThat(request.getSampling().getTopLogprobs()).isEqualTo(5);
    assertThat(json.parse("{\"prompt\": \"x\", \"regex\": \"a+\"}").getSampling().getRegex())
        .isEqualTo("a+");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"prompt": "x", "max_tokens": 0}              | max_tokens is 0; it must be 1 or more
          {"prompt": "x", "max_tokens": -3}             | max_tokens is -3; it must be 1 or more
          {"prompt": "x", "max_tokens": 1.5}            | max_tokens is 1.5; it must be a whole number
          {"prompt": "x", "max_tokens": "8"}            | max_tokens is a string; it must be a whole number
          {"prompt": "x", "max_tokens": 99999999999}    | max_tokens is 99999999999; it is out of range
          {"prompt": "x", "temperature": 3}             | temperature is 3.0; it must be 0.0 to 2.0
          {"prompt": "x", "top_p": 0}                   | top_p is 0.0; it must be above 0 and at most 1.0
          {"prompt": "x", "seed": -1}                   | seed is -1; it must be 0 to 4294967294
          {"prompt": "x", "stop": ["a", ""]}            | stop holds an empty string; remove it
          {"prompt": "x", "stop": ["a", 1]}             | stop[1] is a number; it must be a string
          {"prompt": "x", "n": 0}                       | n is 0; it must be 1 to 64
          {"prompt": "x", "logit_bias": {"7": "a"}}     | logit_bias.7 is a string; it must be a number
          {"prompt": "x", "logit_bias": {"seven": 1}}   | logit_bias has the token 'seven'; it must be a token id in decimal
          {"prompt": "x", "top_logprobs": 2}            | top_logprobs is 2 and logprobs is not set; set logprobs to true
          {"prompt": "x", "logprobs": 1}                | logprobs is a number; it must be true or false
          {"prompt": "x", "response_format": "json"}    | response_format is no JSON at column 5; correct it
          {"prompt": "x", "response_format": {"type": "json_schema"}} | response_format.json_schema is no object; it must be one that has the JSON Schema as schema
          {"prompt": "x", "choice": ["a"], "regex": "a"} | regex and choice are set; set one of them
          {"prompt": "x", "max_token": 8}               | unknown field max_token; did you mean max_tokens?
          {"prompt": "x", "temprature": 1}              | unknown field temprature; did you mean temperature?
          {"prompt": "x", "Tenant": "t"}                | unknown field Tenant; did you mean tenant?
          {"prompt": "x", "sampling": {"topp": 1}}      | unknown field sampling.topp; did you mean top_p?
          {"prompt": "x", "id": "a", "request_id": "b"} | request_id is given twice, under two names; give one
          {"prompt": "x", "id": " "}                    | request_id is empty; give it a value or leave it out
          {"prompt": "x", "seed": 1, "sampling": {}}    | seed stands beside sampling; put it into sampling as well
          {"prompt": "x", "sampling": 3}                | sampling is a number; it must be an object
          {"prompt": "x", "metadata": {"a": [1]}}       | metadata.a is a list; it must be a string or a number
          {"prompt": "x", "stream": "yes"}              | stream is a string; it must be true or false
          {"prompt": "x", "deadline": "soon"}           | deadline is soon; it must be like 2027-01-31T08:00:00Z or milliseconds since the epoch
          {"prompt": "x", "messages": []}               | prompt and messages are both given; give one of them
          {"prompt": ""}                                | prompt is empty; give it some text
          {"prompt": 5}                                 | prompt is a number; it must be a string
          {"system": "Be brief."}                       | prompt is missing; give prompt or messages
          {}                                            | prompt is missing; give prompt or messages
          {"messages": []}                              | messages is empty; give it some text
          {"messages": "x"}                             | messages is a string; it must be a list of {"role", "content"}
          {"messages": [{"role": "user"}]}              | messages[0] has no content; it needs both
          {"messages": [{"role": "bot", "content": "x"}]} | messages[0].role is bot; it must be system, user, assistant or tool
          {"messages": [{"role": "tool", "content": "x"}]} | messages[0].tool_call_id is missing; say which call of the assistant it answers
          {"messages": [{"role": "user", "content": "x", "tool_call_id": "c"}]} | messages[0].tool_call_id stands in a turn of user; only a tool has one
          {"messages": [{"role": "user", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}]} | messages[0].tool_calls stands in a turn of user; only the assistant has them
          {"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f"}}]}]} | messages[0].tool_calls[0].function.arguments is missing; give it
          {"prompt": "x", "tools": {}} | tools is an object; it must be a list of {"type": "function", ...}
          {"prompt": "x", "tools": [{"type": "web_search"}]} | tools[0].type is web_search; it must be function
          {"prompt": "x", "tools": [{"function": {}}]} | tools[0].function.name is missing; give it
          {"prompt": "x", "tools": [{"function": {"name": "a b"}}]} | tools[0].function.name: a tool is named 'a b'; a name has 1 to 64 letters, digits, _ and -
          {"prompt": "x", "tools": [{"function": {"name": "f", "parameters": "{}"}}]} | tools[0].function.parameters is a string; it must be a JSON Schema, an object
          {"prompt": "x", "tools": [{"function": {"name": "f"}}, {"function": {"name": "f"}}]} | tools has two functions f; name each once
          {"prompt": "x", "tool_choice": "auto"} | tool_choice is given and there are no tools; give some
          {"prompt": "x", "tools": [{"function": {"name": "f"}}], "tool_choice": "g"} | tool_choice is g; it must be auto, none, required or one of the tools: f
          {"messages": [{"role": "user", "text": "x"}]} | unknown field messages[0].text; known are role, content, tool_calls, tool_call_id
          [1]                                           | it is neither an object nor a string; write {"prompt": "..."}
          """)
  void refusesWhatCannotBeAnswered(String line, String message) {
    assertThatThrownBy(() -> json.parse(line))
        .isInstanceOf(PromptJsonException.class)
        .hasMessage(message);
  }

  @Test
  void readsEveryExample() throws Exception {
    Path examples = Path.of(System.getProperty("falaj.home"), "examples");
    try (Stream<Path> files = Files.list(examples)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
        for (String line : Files.readAllLines(file)) {
          assertThat(json.parse(line).getMessages()).as(line).isNotEmpty();
        }
      }
    }
  }

  @Test
  void refusesASystemTurnBesideSystem() {
    assertThatThrownBy(
            () ->
                json.parse(
                    """
                    {"system": "a", "messages": [{"role": "system", "content": "b"},
                     {"role": "user", "content": "c"}]}
                    """))
        .hasMessage("system is given and messages has a system turn too; give one of them");
  }

  @Test
  void saysWhereJsonIsBroken() {
    assertThatThrownBy(() -> json.parse("{\"prompt\": \"x\",, }"))
        .hasMessageStartingWith("it is no JSON at column 16: ");
    assertThatThrownBy(() -> json.parse("{\"prompt\": \"x\"} trailing"))
        .hasMessageStartingWith("it is no JSON at column ");
    assertThatThrownBy(() -> json.parse("{\"prompt\": \"x\", \"prompt\": \"y\"}"))
        .hasMessageContaining("Duplicate");
    assertThatThrownBy(() -> json.parse("  "))
        .hasMessage("it is empty; write {\"prompt\": \"...\"}");
  }
}
