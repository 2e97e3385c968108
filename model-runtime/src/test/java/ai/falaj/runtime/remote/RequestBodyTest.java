package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.answer;
import static ai.falaj.runtime.remote.RemoteFixture.request;
import static ai.falaj.runtime.remote.RemoteFixture.spec;
import static ai.falaj.runtime.remote.RemoteFixture.submit;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers are sent, kind by kind, and what is refused before. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RequestBodyTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ToolDefinition CLOCK =
      new ToolDefinition("clock", "Tells the time", ToolDefinition.NO_PARAMETERS);

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "K2_THINK_CEREBRAS | max_completion_tokens | seed",
        "VLLM | max_tokens | seed",
        "SGLANG | max_tokens | seed",
        "LLAMA_SERVER | max_tokens | seed",
        "GPT_OSS | max_tokens | seed",
        "OPENAI | max_completion_tokens | seed",
        "MISTRAL | max_tokens | random_seed",
        "OLLAMA | max_tokens | seed"
      })
  void namesLengthAndSeedAsEachServerDoes(RemotePreset preset, String length, String seed)
      throws Exception {
    JsonNode body = bodyOf(preset, same -> same);

    assertThat(body.path("model").asText()).isEqualTo(RemoteFixture.MODEL);
    assertThat(body.path("stream").asBoolean()).isTrue();
    assertThat(body.path(length).asInt()).isEqualTo(100);
    assertThat(body.path(seed).asInt()).isEqualTo(7);
    assertThat(body.path("messages").get(0).path("role").asText()).isEqualTo("user");
  }

  @Test
  void sendsDefaultsWhereAServerHasItsOwn() throws Exception {
    JsonNode llama = bodyOf(RemotePreset.LLAMA_SERVER, same -> same);
    assertThat(llama.path("temperature").asDouble()).isEqualTo(1);
    assertThat(llama.path("top_k").asInt()).isEqualTo(-1);
    assertThat(llama.path("min_p").isNumber()).isTrue();
    assertThat(llama.path("repeat_penalty").asDouble()).isEqualTo(1);

    JsonNode openAi = bodyOf(RemotePreset.OPENAI, same -> same);
    assertThat(openAi.has("temperature")).isFalse();
    assertThat(openAi.has("top_k")).isFalse();
    assertThat(openAi.path("stream_options").path("include_usage").asBoolean()).isTrue();
    assertThat(bodyOf(RemotePreset.MISTRAL, same -> same).has("stream_options")).isFalse();
  }

  @Test
  void writesFormatsAsEachServerReadsThem() throws Exception {
    JsonNode schema =
        bodyOf(
                RemotePreset.VLLM,
                r -> r.output(new OutputFormat.JsonSchema("{\"type\":\"object\"}")))
            .path("response_format");
    assertThat(schema.path("type").asText()).isEqualTo("json_schema");
    assertThat(schema.path("json_schema").path("schema").path("type").asText()).isEqualTo("object");
    OutputFormat regex = new OutputFormat.Regex("[a-z]+");
    assertThat(bodyOf(RemotePreset.VLLM, r -> r.output(regex)).at("/structured_outputs/regex"))
        .hasToString("\"[a-z]+\"");
    assertThat(bodyOf(RemotePreset.SGLANG, r -> r.output(regex)).path("regex").asText())
        .isEqualTo("[a-z]+");
    assertThat(
            bodyOf(
                    RemotePreset.ANTHROPIC,
                    r -> r.output(new OutputFormat.JsonSchema("{\"type\":\"object\"}")))
                .at("/output_config/format/schema/type")
                .asText())
        .isEqualTo("object");
  }

  @Test
  void writesToolsCallsAndResults() throws Exception {
    Prompt conversation =
        new Prompt.Chat(
            List.of(
                new ChatMessage("system", "Be brief."),
                new ChatMessage("user", "What time is it?"),
                ChatMessage.assistantCalling(
                    "", List.of(new ToolCall("c1", "clock", "{\"zone\":1}"))),
                ChatMessage.toolResult("c1", "noon")));
    GenerationRequest request =
        GenerationRequest.builder("r", conversation)
            .tools(List.of(CLOCK))
            .toolChoice(ToolChoice.REQUIRED)
            .build();

    JsonNode openAi = sent(RemotePreset.OPENAI, request);
    assertThat(openAi.at("/tools/0/function/name").asText()).isEqualTo("clock");
    assertThat(openAi.at("/messages/2/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"zone\":1}");
    assertThat(openAi.at("/messages/3/tool_call_id").asText()).isEqualTo("c1");
    assertThat(openAi.path("tool_choice").asText()).isEqualTo("required");
    assertThat(sent(RemotePreset.MISTRAL, request).path("tool_choice").asText()).isEqualTo("any");

    JsonNode anthropic = sent(RemotePreset.ANTHROPIC, request);
    assertThat(anthropic.path("system").asText()).isEqualTo("Be brief.");
    assertThat(anthropic.at("/tools/0/input_schema/type").asText()).isEqualTo("object");
    assertThat(anthropic.at("/messages/1/content/0/input/zone").asInt()).isEqualTo(1);
    assertThat(anthropic.at("/messages/2/content/0/tool_use_id").asText()).isEqualTo("c1");
    assertThat(anthropic.at("/tool_choice/type").asText()).isEqualTo("any");
    assertThat(anthropic.path("max_tokens").asInt()).isPositive();
  }

  @Test
  void addsFieldsHeadersAndKeyOfTheEndpoint() throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "very-secret");
    for (RemotePreset preset : List.of(RemotePreset.OPENAI, RemotePreset.ANTHROPIC)) {
      try (ScriptedServer server = ScriptedServer.start(request -> answer("x"));
          RemoteRuntime runtime =
              spec(preset, server)
                  .key(SecretReference.file(key.toString()))
                  .extraBody("{\"reasoning_effort\":\"high\",\"model\":\"other\"}")
                  .headers(Map.of("x-team", "water"))
                  .build()
                  .open()) {
        submit(runtime, request("r").build()).awaitEnd();
        ReceivedRequest received = server.received().get(0);

        assertThat(received.header("x-team")).hasValue("water");
        assertThat(received.body())
            .contains("\"reasoning_effort\":\"high\"")
            .doesNotContain("other", "very-secret");
        if (preset == RemotePreset.ANTHROPIC) {
          assertThat(received.header("x-api-key")).hasValue("very-secret");
          assertThat(received.header("anthropic-version")).isPresent();
          assertThat(received.path()).isEqualTo("/v1/messages");
        } else {
          assertThat(received.header("authorization")).hasValue("Bearer very-secret");
        }
      }
    }
  }

  @Test
  void refusesWhatAServerDoesNotKnowBeforeAskingIt() throws Exception {
    assertRefused(RemotePreset.OPENAI, sampling(s -> s.topK(5)), "top_k");
    assertRefused(RemotePreset.OPENAI, sampling(s -> s.minP(0.1)), "min_p");
    assertRefused(
        RemotePreset.OPENAI, sampling(s -> s.stop(List.of("a", "b", "c", "d", "e"))), "at most 4");
    assertRefused(
        RemotePreset.K2_THINK_CEREBRAS, sampling(s -> s.presencePenalty(1)), "presence_penalty");
    assertRefused(RemotePreset.ANTHROPIC, sampling(s -> s.temperature(1.5)), "temperature");
    assertRefused(RemotePreset.MISTRAL, sampling(s -> s.topLogprobs(2)), "logprobs");
    assertRefused(
        RemotePreset.OLLAMA, r -> r.output(new OutputFormat.Choice(List.of("a"))), "choices");
    assertRefused(
        RemotePreset.OPENAI, GenerationRequest.Builder::ignoreEndOfSequence, "ignore_eos");
    assertRefused(RemotePreset.OPENAI, r -> r.reasoningBudgetTokens(5), "budget");
    assertRefused(RemotePreset.ANTHROPIC, r -> r.reasoningBudgetTokens(5), "1024");
  }

  private static UnaryOperator<GenerationRequest.Builder> sampling(
      UnaryOperator<SamplingParameters.Builder> change) {
    return request -> request.sampling(change.apply(SamplingParameters.builder().seed(7)).build());
  }

  private static void assertRefused(
      RemotePreset preset, UnaryOperator<GenerationRequest.Builder> change, String words)
      throws Exception {
    try (ScriptedServer server = ScriptedServer.start(received -> answer("x"));
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      GenerationException failure =
          submit(runtime, change.apply(request("r")).build()).awaitEnd().failure();

      assertThat(failure.code()).isEqualTo(RuntimeErrorCode.UNSUPPORTED_PARAMETER);
      assertThat(failure.getMessage()).contains(words);
      assertThat(server.received()).isEmpty();
    }
  }

  private static JsonNode bodyOf(
      RemotePreset preset, UnaryOperator<GenerationRequest.Builder> change) throws Exception {
    return sent(preset, change.apply(request("r")).build());
  }

  private static JsonNode sent(RemotePreset preset, GenerationRequest request) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(received -> answer("x"));
        RemoteRuntime runtime = spec(preset, server).build().open()) {
      submit(runtime, request).awaitEnd();
      return JSON.readTree(server.received().get(0).body());
    }
  }
}
