package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that cannot be served are refused before they cost anything; others get their bounds.
 */
class RequestPreparerTest {

  static Stream<Arguments> refusals() {
    SamplingParameters biased =
        SamplingParameters.builder().maxTokens(5).logitBias(Map.of(100_000, 1.0)).build();
    OutputFormat choice = new OutputFormat.Choice(List.of("a", "b"));
    return Stream.of(
        Arguments.of(request(1, 5, 5).model("other"), RuntimeErrorCode.UNKNOWN_MODEL, "fake"),
        Arguments.of(request(1, 5, 5).adapter("cookery"), RuntimeErrorCode.UNKNOWN_MODEL, "law"),
        Arguments.of(
            request(1, 5, 5).output(choice).ignoreEndOfSequence(),
            RuntimeErrorCode.INVALID_PARAMETER,
            "do not ignore its end"),
        Arguments.of(
            request(1, 5, 5).sampling(biased).samples(3),
            RuntimeErrorCode.INVALID_PARAMETER,
            "100000"),
        Arguments.of(
            request(1, EngineFixture.CONTEXT_TOKENS, 5), RuntimeErrorCode.PROMPT_TOO_LONG, "256"),
        Arguments.of(of(new Prompt.Tokens(List.of())), RuntimeErrorCode.EMPTY_PROMPT, "empty"),
        Arguments.of(of(new Prompt.Raw("")), RuntimeErrorCode.EMPTY_PROMPT, "empty"),
        Arguments.of(
            of(new Prompt.Tokens(List.of(1, -1))), RuntimeErrorCode.INVALID_PARAMETER, "-1"),
        Arguments.of(
            of(new Prompt.Chat(List.of(new ChatMessage("user", "hello")))),
            RuntimeErrorCode.UNSUPPORTED_PARAMETER,
            "chat template"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refuses(GenerationRequest.Builder request, RuntimeErrorCode code, String named)
      throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);

    RecordingListener heard = engine.submit(request);
    engine.turn();

    assertThat(heard.failure().code()).isEqualTo(code);
    assertThat(heard.failure()).hasMessageContaining(named);
    assertThat(engine.executor.steps()).isZero();
    assertThat(engine.stats().requestsFailed()).isEqualTo(1);
    engine.assertAllEnded();
  }

  @Test
  void boundsTheCompletionByWhatTheContextLeaves() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    RecordingListener heard = engine.submit(request(1, 200, 1_000).ignoreEndOfSequence());

    engine.runUntilEmpty();

    assertThat(heard.tokens()).hasSize(56);
    assertThat(heard.result().effectiveMaxTokens()).isEqualTo(56);
    engine.assertAllEnded();
  }

  @Test
  void drawsASeedAndSaysWhich() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    GenerationRequest.Builder unseeded =
        request(1, 10, 30).sampling(SamplingParameters.builder().maxTokens(30).build());
    RecordingListener heard = engine.submit(unseeded);
    engine.runUntilEmpty();
    GenerationResult result = heard.result();

    RecordingListener again = engine.submit(EngineFixture.seeded(1, 10, 30, result.seed()));
    engine.runUntilEmpty();

    assertThat(again.tokens()).isEqualTo(heard.tokens());
    engine.assertAllEnded();
  }

  @Test
  void seedsOfSamplesWrapAround() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    RecordingListener heard =
        engine.submit(EngineFixture.seeded(1, 10, 30, SamplingParameters.MAX_SEED).samples(2));
    RecordingListener first = engine.submit(EngineFixture.seeded(1, 10, 30, 0));

    engine.runUntilEmpty();

    assertThat(heard.tokens(1)).isEqualTo(first.tokens());
    engine.assertAllEnded();
  }

  private static GenerationRequest.Builder of(Prompt prompt) {
    return GenerationRequest.builder("request", prompt).sampling(SamplingParameters.greedy(5));
  }
}
