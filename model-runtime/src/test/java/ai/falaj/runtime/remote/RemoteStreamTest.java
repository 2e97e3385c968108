package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.answer;
import static ai.falaj.runtime.remote.RemoteFixture.chunk;
import static ai.falaj.runtime.remote.RemoteFixture.endOf;
import static ai.falaj.runtime.remote.RemoteFixture.finish;
import static ai.falaj.runtime.remote.RemoteFixture.resultOf;
import static ai.falaj.runtime.remote.RemoteFixture.text;
import static ai.falaj.runtime.remote.RemoteFixture.usage;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.Script;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers of each protocol, as they come over the wire. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteStreamTest {

  @ParameterizedTest
  @EnumSource(value = RemotePreset.class, mode = EnumSource.Mode.EXCLUDE, names = "ANTHROPIC")
  void readsAnAnswerWithItsUsage(RemotePreset preset) throws Exception {
    RecordingListener end = endOf(preset, request -> answer("Hello", " فلج", " 😀"));
    GenerationResult result = end.result();

    assertThat(end.violations()).isEmpty();
    assertThat(result.answer()).isEqualTo("Hello فلج 😀").isEqualTo(end.answer());
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(result.usage()).isEqualTo(new GenerationResult.Usage(5, 2, 0, 3));
    assertThat(end.tokens()).hasSize(3).containsOnly(-1);
    assertThat(result.seed()).isEqualTo(7);
    assertThat(result.effectiveMaxTokens()).isEqualTo(100);
  }

  @Test
  void readsTheSameByteByByte() throws Exception {
    String stream =
        "data: " + text("فلج 😀") + "\n\ndata: " + finish("stop") + "\n\ndata: [DONE]\n\n";
    GenerationResult result =
        resultOf(RemotePreset.VLLM, request -> Script.stream().byteByByte(stream).end());

    assertThat(result.answer()).isEqualTo("فلج 😀");
  }

  @Test
  void joinsACharacterThatTwoEventsShare() throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.VLLM,
            request ->
                Script.stream()
                    .data(text("a\\ud83d"))
                    .data(text("\\ude00b"))
                    .data(finish("stop"))
                    .data("[DONE]")
                    .end());

    assertThat(end.result().answer()).isEqualTo("a😀b");
    assertThat(end.answer()).isEqualTo("a😀b");
  }

  @Test
  void readsReasoningFromEitherField() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.VLLM,
            request ->
                Script.stream()
                    .data(chunk("{\"reasoning_content\":\"I think\"}"))
                    .data(chunk("{\"reasoning\":\" so\"}"))
                    .data(text("Yes"))
                    .data(finish("stop"))
                    .data(usage(5, 0, 3))
                    .data("[DONE]")
                    .end());

    assertThat(result.reasoning()).isEqualTo("I think so");
    assertThat(result.answer()).isEqualTo("Yes");
    assertThat(result.usage().reasoningTokens()).isEqualTo(2);
  }

  @Test
  void readsK2ThinksTagsWhereverTheyAreCut() throws Exception {
    String text = "<think>Because</think>\\n<answer>42</answer>";
    Script.Builder stream = Script.stream();
    for (int i = 0; i < text.length(); i++) {
      int width = text.charAt(i) == '\\' ? 2 : 1;
      stream.data(text(text.substring(i, i + width)));
      i += width - 1;
    }
    Script script = stream.data(finish("stop")).data("[DONE]").end();
    GenerationResult result = resultOf(RemotePreset.K2_THINK_CEREBRAS, request -> script);

    assertThat(result.reasoning()).isEqualTo("Because");
    assertThat(result.answer()).isEqualTo("42");
  }

  @Test
  void leavesTagsAloneWhereReasoningHasAField() throws Exception {
    GenerationResult result =
        resultOf(RemotePreset.OPENAI, request -> answer("<think>", "not", "</think>"));

    assertThat(result.answer()).isEqualTo("<think>not</think>");
    assertThat(result.reasoning()).isEmpty();
  }

  @Test
  void readsMistralsBlocks() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.MISTRAL,
            request ->
                Script.stream()
                    .data(
                        chunk(
                            "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]}"))
                    .data(chunk("{\"content\":[{\"type\":\"text\",\"text\":\"Yes\"}]}"))
                    .data(finish("model_length"))
                    .data("[DONE]")
                    .end());

    assertThat(result.reasoning()).isEqualTo("Hm");
    assertThat(result.answer()).isEqualTo("Yes");
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void readsDeepSeeksUsage() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.DEEPSEEK,
            request ->
                Script.stream()
                    .data(chunk("{\"reasoning_content\":\"Hm\",\"content\":null}"))
                    .data(chunk("{\"reasoning_content\":null,\"content\":\"Yes\"}"))
                    .data(
                        """
                        {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":\
                        {"prompt_tokens":9,"prompt_cache_hit_tokens":8,"completion_tokens":20,\
                        "completion_tokens_details":{"reasoning_tokens":15}}}""")
                    .data("[DONE]")
                    .end());

    assertThat(result.usage()).isEqualTo(new GenerationResult.Usage(9, 8, 15, 20));
    assertThat(result.samples().get(0).completionTokens()).isEqualTo(20);
    assertThat(result.reasoning()).isEqualTo("Hm");
  }

  @Test
  void countsTokensThatTheServerDidNotShow() throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.OPENAI,
            request ->
                Script.stream()
                    .data(text("Yes"))
                    .data(finish("stop"))
                    .data(usage(5, 0, 40))
                    .data("[DONE]")
                    .end());

    assertThat(end.tokens()).hasSize(40);
    assertThat(end.result().samples().get(0).completionTokens()).isEqualTo(40);
  }

  @Test
  void readsToolCallsInParts() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.OPENAI,
            request ->
                Script.stream()
                    .data(toolCall("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"clock\"}}"))
                    .data(toolCall("{\"index\":0,\"function\":{\"arguments\":\"{\\\"zo\"}}"))
                    .data(toolCall("{\"index\":0,\"function\":{\"arguments\":\"ne\\\":1}\"}}"))
                    .data(
                        toolCall(
                            "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"date\",\"arguments\":\"\"}}"))
                    .data(finish("tool_calls"))
                    .data("[DONE]")
                    .end());

    assertThat(result.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(result.samples().get(0).toolCalls())
        .containsExactly(
            new ToolCall("a", "clock", "{\"zone\":1}"), new ToolCall("b", "date", "{}"));
  }

  @Test
  void callsAStopWithToolCallsWhatItIs() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.OLLAMA,
            request ->
                Script.stream()
                    .data(
                        toolCall("{\"function\":{\"name\":\"clock\",\"arguments\":{\"zone\":1}}}"))
                    .data(finish("stop"))
                    .data("[DONE]")
                    .end());

    assertThat(result.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(result.samples().get(0).toolCalls())
        .containsExactly(new ToolCall("call-0-0", "clock", "{\"zone\":1}"));
  }

  @Test
  void leavesOutHalfAToolCall() throws Exception {
    GenerationResult result =
        resultOf(
            RemotePreset.VLLM,
            request ->
                Script.stream()
                    .data(
                        toolCall(
                            "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"clock\",\"arguments\":\"{\\\"zo\"}}"))
                    .data(finish("length"))
                    .data("[DONE]")
                    .end());

    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(result.samples().get(0).toolCalls()).isEmpty();
  }

  @Test
  void endsWithoutDoneWhereEverySampleHasItsReason() throws Exception {
    assertThat(
            resultOf(
                    RemotePreset.VLLM,
                    request -> Script.stream().data(text("Yes")).data(finish("stop")).end())
                .answer())
        .isEqualTo("Yes");
  }

  @Test
  void readsAnthropicsBlocks() throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.ANTHROPIC,
            request ->
                Script.stream()
                    .event(
                        "message_start",
                        """
                        {"type":"message_start","message":{"usage":{"input_tokens":10,\
                        "cache_read_input_tokens":30,"cache_creation_input_tokens":2,"output_tokens":1}}}""")
                    .event("ping", "{\"type\":\"ping\"}")
                    .event("content_block_start", block(0, "{\"type\":\"thinking\"}"))
                    .event(
                        "content_block_delta",
                        delta(0, "{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}"))
                    .event(
                        "content_block_delta",
                        delta(0, "{\"type\":\"signature_delta\",\"signature\":\"x\"}"))
                    .event("content_block_start", block(1, "{\"type\":\"text\",\"text\":\"\"}"))
                    .event(
                        "content_block_delta",
                        delta(1, "{\"type\":\"text_delta\",\"text\":\"Let me look\"}"))
                    .event(
                        "content_block_start",
                        block(2, "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"clock\"}"))
                    .event(
                        "content_block_delta",
                        delta(2, "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"zo\"}"))
                    .event(
                        "content_block_delta",
                        delta(2, "{\"type\":\"input_json_delta\",\"partial_json\":\"ne\\\":1}\"}"))
                    .event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":2}")
                    .event(
                        "message_delta",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":25}}")
                    .event("message_stop", "{\"type\":\"message_stop\"}")
                    .end());
    GenerationResult result = end.result();

    assertThat(result.reasoning()).isEqualTo("Hm");
    assertThat(result.answer()).isEqualTo("Let me look");
    assertThat(result.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(result.samples().get(0).toolCalls())
        .containsExactly(new ToolCall("t1", "clock", "{\"zone\":1}"));
    assertThat(result.usage().promptTokens()).isEqualTo(42);
    assertThat(result.usage().cachedTokens()).isEqualTo(30);
    assertThat(result.usage().completionTokens()).isEqualTo(25);
    assertThat(end.tokens()).hasSize(25);
  }

  private static String toolCall(String call) {
    return chunk("{\"tool_calls\":[" + call + "]}");
  }

  private static String block(int index, String block) {
    return "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}"
        .formatted(index, block);
  }

  private static String delta(int index, String delta) {
    return "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":%s}".formatted(index, delta);
  }
}
