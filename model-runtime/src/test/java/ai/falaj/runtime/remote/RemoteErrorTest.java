package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.SECRET;
import static ai.falaj.runtime.remote.RemoteFixture.chunk;
import static ai.falaj.runtime.remote.RemoteFixture.endOf;
import static ai.falaj.runtime.remote.RemoteFixture.failureOf;
import static ai.falaj.runtime.remote.RemoteFixture.finish;
import static ai.falaj.runtime.remote.RemoteFixture.request;
import static ai.falaj.runtime.remote.RemoteFixture.spec;
import static ai.falaj.runtime.remote.RemoteFixture.submit;
import static ai.falaj.runtime.remote.RemoteFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong at a server, and the code that {@code docs/ERRORS.md} decides by. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteErrorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | {\"error\":{\"type\":\"invalid_request_error\",\"message\":\"bad\"}} | INVALID_PARAMETER",
        "400 | {\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"m\"}} | PROMPT_TOO_LONG",
        "400 | {\"error\":{\"type\":\"exceed_context_size_error\",\"message\":\"m\"}} | PROMPT_TOO_LONG",
        "400 | {\"message\":\"This model's maximum context length is 10 tokens\"} | PROMPT_TOO_LONG",
        "400 | {\"error\":{\"code\":\"content_filter\",\"message\":\"m\"}} | CONTENT_FILTERED",
        "401 | {\"error\":{\"type\":\"authentication_error\"}} | UNAUTHORIZED",
        "402 | {\"error\":{\"message\":\"Insufficient Balance\"}} | UNAUTHORIZED",
        "403 | <html>no</html> | UNAUTHORIZED",
        "404 | {\"error\":{\"message\":\"The model `x` does not exist.\"}} | UNKNOWN_MODEL",
        "404 | {\"detail\":\"Not Found\"} | ENGINE_FAILURE",
        "408 | {} | TIMEOUT",
        "413 | {\"error\":{\"type\":\"request_too_large\"}} | PROMPT_TOO_LONG",
        "422 | {\"detail\":[{\"msg\":\"bad\"}]} | INVALID_PARAMETER",
        "429 | {\"error\":{\"type\":\"rate_limit_error\"}} | OVERLOADED",
        "429 | {\"error\":{\"code\":\"insufficient_quota\"}} | UNAUTHORIZED",
        "500 | {\"error\":{\"type\":\"api_error\"}} | ENGINE_FAILURE",
        "500 | not even JSON | ENGINE_FAILURE",
        "502 | <html>Bad Gateway</html> | ENGINE_FAILURE",
        "503 | {\"error\":{\"message\":\"Loading model\"}} | OVERLOADED",
        "504 | {} | TIMEOUT",
        "529 | {\"error\":{\"type\":\"overloaded_error\"}} | OVERLOADED",
        "307 | {} | ENGINE_FAILURE"
      })
  void mapsStatusAndBodyToACode(int status, String body, RuntimeErrorCode code) throws Exception {
    GenerationException failure =
        failureOf(RemotePreset.OPENAI, request -> Script.response(status, body));

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.getMessage()).contains("127.0.0.1:", "HTTP " + status).doesNotContain("\n");
  }

  @Test
  void repeatsNothingThatTheServerSaysOfThePrompt() throws Exception {
    GenerationException failure =
        failureOf(
            RemotePreset.VLLM,
            request ->
                Script.response(
                    400,
                    "{\"error\":{\"type\":\"%s\",\"code\":\"bad_thing\",\"message\":\"%s\"}}"
                        .formatted(SECRET, SECRET)));

    assertThat(failure.getMessage()).contains("bad_thing").doesNotContain(SECRET);
    assertThat(failure).hasNoCause();
  }

  @ParameterizedTest
  @CsvSource({"retry-after: 3, 3000", "retry-after-ms: 40, 40"})
  void passesOnWhenToComeBack(String header, long millis) throws Exception {
    GenerationException failure =
        failureOf(RemotePreset.OPENAI, request -> Script.response(429, "{}", header));

    assertThat(failure.code()).isEqualTo(RuntimeErrorCode.OVERLOADED);
    assertThat(failure.retryAfter()).hasValue(Duration.ofMillis(millis));
  }

  @Test
  void saysNothingOfATimeThatTheServerDidNotName() throws Exception {
    assertThat(failureOf(RemotePreset.OPENAI, request -> Script.response(429, "{}")).retryAfter())
        .isEmpty();
  }

  @Test
  void failsAStreamThatIsCutInAnEvent() throws Exception {
    assertCut(
        Script.stream().data(text("one")).text("data: {\"choices\":[{\"in").cut(), "connection");
  }

  @Test
  void failsAStreamThatIsCutInACodePoint() throws Exception {
    byte[] event =
        ("data: " + text("one") + "\n\ndata: " + text("😀")).getBytes(StandardCharsets.UTF_8);
    int insideEmoji = event.length - text("😀").length() + text("😀").indexOf("😀") - 1;
    assertCut(Script.stream().bytes(Arrays.copyOf(event, insideEmoji)).cut(), "connection");
  }

  @Test
  void failsAStreamThatIsCutInAToolCall() throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.OPENAI,
            request ->
                Script.stream()
                    .data(text("one"))
                    .data(
                        chunk(
                            "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}"))
                    .cut());

    assertThat(end.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(end.tokens()).hasSize(2);
  }

  @Test
  void failsAStreamThatEndsInOrderAndTooEarly() throws Exception {
    assertCut(Script.stream().data(text("one")).end(), "without a finish reason");
    assertCut(Script.stream().data(text("one")).data("[DONE]").end(), "without a finish reason");
  }

  private static void assertCut(Script script, String reason) throws Exception {
    RecordingListener end = endOf(RemotePreset.VLLM, request -> script);

    assertThat(end.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(end.failure().getMessage()).contains(reason);
    assertThat(end.answer()).isEqualTo("one");
    assertThat(end.violations()).isEmpty();
  }

  @Test
  void failsOnAnEventThatIsNoJson() throws Exception {
    assertCut(Script.stream().data(text("one")).data("{\"choices\": [").end(), "no JSON");
    assertCut(Script.stream().data(text("one")).data("{\"what\":1}").end(), "no chunk");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"error\":{\"message\":\"boom\",\"code\":500}} | ENGINE_FAILURE",
        "{\"error\":{\"message\":\"too many\",\"code\":429}} | OVERLOADED",
        "{\"object\":\"error\",\"message\":\"boom\",\"code\":400} | INVALID_PARAMETER",
        "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]} | CONTENT_FILTERED",
        "{\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"I won't\"}}]} | CONTENT_FILTERED",
        "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]} | ENGINE_FAILURE",
        "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"insufficient_system_resource\"}]} | OVERLOADED",
        "{\"choices\":[{\"index\":3,\"delta\":{\"content\":\"x\"}}]} | ENGINE_FAILURE"
      })
  void readsWhatGoesWrongInTheMiddle(String event, RuntimeErrorCode code) throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.OPENAI,
            request -> Script.stream().data(text("one")).data(event).data(finish("stop")).end());

    assertThat(end.failure().code()).isEqualTo(code);
    assertThat(end.answer()).isEqualTo("one");
  }

  @ParameterizedTest
  @CsvSource({"overloaded_error, OVERLOADED", "api_error, ENGINE_FAILURE"})
  void readsAnthropicsErrorsInTheMiddle(String type, RuntimeErrorCode code) throws Exception {
    assertThat(
            failureOf(
                    RemotePreset.ANTHROPIC,
                    request ->
                        Script.stream()
                            .event(
                                "error",
                                "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\"}}")
                            .end())
                .code())
        .isEqualTo(code);
  }

  @Test
  void readsLlamaServersErrorLine() throws Exception {
    assertThat(
            failureOf(
                    RemotePreset.LLAMA_SERVER,
                    request -> Script.stream().text("error: {\"code\":500}\n\n").end())
                .code())
        .isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
  }

  @Test
  void failsWhatIsSilentForTooLong() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> Script.stream().hang());
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server).silenceTimeout(Duration.ofMillis(100)).build().open()) {
      GenerationException failure = submit(runtime, request("r").build()).awaitEnd().failure();

      assertThat(failure.code()).isEqualTo(RuntimeErrorCode.TIMEOUT);
      assertThat(failure.getMessage()).contains("sent nothing for PT0.1S");
    }
  }

  @Test
  void waitsForASlowFirstByte() throws Exception {
    RecordingListener end =
        endOf(
            RemotePreset.VLLM,
            request ->
                Script.stream()
                    .pause(Duration.ofMillis(300))
                    .data(text("late"))
                    .data(finish("stop"))
                    .end());

    assertThat(end.result().answer()).isEqualTo("late");
    assertThat(end.result().timings().timeToFirstTokenMs()).isGreaterThanOrEqualTo(300);
  }

  @ParameterizedTest
  @EnumSource(
      value = RemotePreset.class,
      names = {"OPENAI", "ANTHROPIC", "MISTRAL", "DEEPSEEK"})
  void failsWhereNothingListens(RemotePreset preset) throws Exception {
    ScriptedServer gone = ScriptedServer.start(request -> Script.response(200, "{}"));
    gone.close();
    try (RemoteRuntime runtime = spec(preset, gone).build().open()) {
      GenerationException failure = submit(runtime, request("r").build()).awaitEnd().failure();

      assertThat(failure.code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
      assertThat(failure.getMessage()).contains("nothing accepts connections there");
    }
  }
}
