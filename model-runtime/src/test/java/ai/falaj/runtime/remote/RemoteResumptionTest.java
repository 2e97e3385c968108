package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.answer;
import static ai.falaj.runtime.remote.RemoteFixture.request;
import static ai.falaj.runtime.remote.RemoteFixture.spec;
import static ai.falaj.runtime.remote.RemoteFixture.submit;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.runtime.remote.protocol.Reasoning;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that were interrupted, and go on as text where the server can. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteResumptionTest {

  private static final Resumption.Told ONCE_UPON =
      new Resumption.Told(2, List.of(new TextSegment(Channel.ANSWER, "Once upon")));
  private static final Resumption.Told HM =
      new Resumption.Told(1, List.of(new TextSegment(Channel.REASONING, "Hm")));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VLLM | {\"role\":\"assistant\",\"content\":\"Once upon\"} | \"continue_final_message\":true",
        "SGLANG | {\"role\":\"assistant\",\"content\":\"Once upon\"} | \"add_generation_prompt\":false",
        "LLAMA_SERVER | {\"role\":\"assistant\",\"content\":\"Once upon\"} | \"continue_final_message\":\"content\"",
        "DEEPSEEK | {\"role\":\"assistant\",\"content\":\"Once upon\",\"prefix\":true} | \"max_tokens\":98",
        "MISTRAL | {\"role\":\"assistant\",\"content\":\"Once upon\",\"prefix\":true} | \"random_seed\":7",
        "ANTHROPIC | {\"role\":\"assistant\",\"content\":\"Once upon\"} | \"max_tokens\":98"
      })
  void asksTheServerToGoOn(RemotePreset preset, String message, String field) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> goOn(preset));
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      RecordingListener listener = submit(runtime, resumed(request("r"), ONCE_UPON));

      assertThat(listener.awaitEnd().result().answer()).isEqualTo("Once upon a time");
      assertThat(listener.violations()).isEmpty();
      assertThat(listener.deltas().get(0).tokens()).containsExactly(-1, -1);
      assertThat(listener.deltas().get(0).text()).isEqualTo(ONCE_UPON.text());
      assertThat(listener.result().samples().get(0).completionTokens()).isEqualTo(4);
      assertThat(server.received().get(0).body()).contains(message, field);
      assertThat(server.received().get(0).path())
          .endsWith(preset == RemotePreset.DEEPSEEK ? "/beta/chat/completions" : "s");
    }
  }

  @Test
  void goesOnWithReasoningWhereItIsInTagsOrLlamaServer() throws Exception {
    assertThat(bodyOfReasoning(RemotePreset.LLAMA_SERVER))
        .contains(
            "\"reasoning_content\":\"Hm\"", "\"continue_final_message\":\"reasoning_content\"");
    try (ScriptedServer server =
            ScriptedServer.start(request -> answer(" so</think>", "<answer>", "Yes", "</answer>"));
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server).reasoning(Reasoning.TAGS).build().open()) {
      RecordingListener listener = submit(runtime, resumed(request("r"), HM));

      assertThat(listener.awaitEnd().result().reasoning()).isEqualTo("Hm so");
      assertThat(listener.result().answer()).isEqualTo("Yes");
      assertThat(server.received().get(0).body()).contains("\"content\":\"<think>Hm\"");
    }
  }

  private static String bodyOfReasoning(RemotePreset preset) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> answer("x"));
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      submit(runtime, resumed(request("r"), HM)).awaitEnd().result();
      return server.received().get(0).body();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RemotePreset.class,
      names = {"OPENAI", "OLLAMA", "GPT_OSS", "K2_THINK_CEREBRAS"})
  void startsOverWhereTheServerCannotGoOn(RemotePreset preset) throws Exception {
    assertCannotResume(preset, resumed(request("r"), ONCE_UPON));
  }

  @Test
  void startsOverWhereTheResultWouldBeAnother() throws Exception {
    assertCannotResume(RemotePreset.VLLM, resumed(request("r"), HM));
    assertCannotResume(RemotePreset.DEEPSEEK, resumed(request("r"), HM));
    assertCannotResume(
        RemotePreset.VLLM, resumed(request("r").output(new OutputFormat.JsonObject()), ONCE_UPON));
    assertCannotResume(
        RemotePreset.VLLM,
        resumed(
            request("r").tools(List.of(new ToolDefinition("f", "", ToolDefinition.NO_PARAMETERS))),
            ONCE_UPON));
    assertCannotResume(
        RemotePreset.ANTHROPIC,
        resumed(
            request("r"),
            new Resumption.Told(1, List.of(new TextSegment(Channel.ANSWER, "Once ")))));
  }

  @Test
  void startsOverWithoutTheText() throws Exception {
    GenerationRequest request =
        request("r")
            .resumption(
                new Resumption(Optional.empty(), List.of(Resumption.Sample.of(TokenIds.UNKNOWN))))
            .build();
    assertCannotResume(RemotePreset.VLLM, request);
  }

  @Test
  void startsOverWhereTheServerRefusesToGoOn() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    Script.response(
                        400, "{\"error\":{\"message\":\"the final message does not appear\"}}"));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      assertThat(submit(runtime, resumed(request("r"), ONCE_UPON)).awaitEnd().failure().code())
          .isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
    }
  }

  @Test
  void asksNothingWhereAllTokensWereThere() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> answer("x"));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      GenerationRequest request =
          resumed(
              request("r").sampling(SamplingParameters.builder().seed(7).maxTokens(2).build()),
              ONCE_UPON);
      RecordingListener listener = submit(runtime, request);

      assertThat(listener.awaitEnd().result().finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(listener.result().answer()).isEqualTo("Once upon");
      assertThat(server.received()).isEmpty();
    }
  }

  private static Script goOn(RemotePreset preset) {
    if (preset != RemotePreset.ANTHROPIC) {
      return answer(" a", " time");
    }
    return Script.stream()
        .data(
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
        .data(
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" a\"}}")
        .data(
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" time\"}}")
        .data("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}")
        .data("{\"type\":\"message_stop\"}")
        .end();
  }

  private static void assertCannotResume(RemotePreset preset, GenerationRequest request)
      throws Exception {
    try (ScriptedServer server = ScriptedServer.start(received -> answer("x"));
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      assertThat(submit(runtime, request).awaitEnd().failure().code())
          .isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
      assertThat(server.received()).isEmpty();
    }
  }

  private static GenerationRequest resumed(
      GenerationRequest.Builder request, Resumption.Told... told) {
    int tokens = List.of(told).stream().mapToInt(Resumption.Told::tokens).sum();
    int[] ids = new int[tokens];
    Arrays.fill(ids, TokenIds.UNKNOWN);
    Resumption.Sample sample = new Resumption.Sample(TokenIds.of(ids), List.of(), List.of(told));
    return request.resumption(new Resumption(Optional.empty(), List.of(sample))).build();
  }
}
