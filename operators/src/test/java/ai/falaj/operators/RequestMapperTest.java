package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.ToolCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestMapperTest {

  private static final RecordOrigin ORIGIN = new RecordOrigin("falaj.prompts", 1, 2);

  private static final String SECRET = "the-prompt-is-secret";

  private static final RuntimeInfo RUNTIME =
      new RuntimeInfo("k2", Optional.empty(), "fake", "1", Optional.empty(), 4, 1_000, 0);

  private final RequestMapper mapper =
      new RequestMapper(ServedModels.of(RUNTIME), InferenceOptions.DEFAULT);

  @Test
  void mapsEveryField() throws Exception {
    PromptRequest request = Prompts.request("r1", "hello");
    request.setMessages(
        new ArrayList<>(
            List.of(new ChatMessage("system", "be brief"), new ChatMessage("user", "hello"))));
    request.setModel("k2");
    request.setAdapter("legal");
    request.setPriority(3);
    request.setDeadline(Instant.ofEpochMilli(12_345));
    request.setSampling(
        Prompts.sampling(
            sampling -> {
              sampling.setTemperature(0.5);
              sampling.setTopP(0.9);
              sampling.setTopK(40);
              sampling.setMinP(0.1);
              sampling.setMaxTokens(77);
              sampling.setSeed(5L);
              sampling.setStop(List.of("END"));
              sampling.setN(4);
              sampling.setRegex("[a-z]+");
              sampling.setReasoningBudget(0);
              sampling.setRepetitionPenalty(1.1);
              sampling.setLogitBias(Map.of("7", -100.0));
              sampling.setLogprobs(true);
              sampling.setTopLogprobs(5);
              sampling.setPresencePenalty(0.2);
              sampling.setFrequencyPenalty(-0.3);
            }));
    GenerationRequest generation = mapper.map(request, ORIGIN);

    assertThat(generation.requestId()).isEqualTo("r1");
    assertThat(generation.model()).contains("k2");
    assertThat(generation.adapter()).contains("legal");
    assertThat(generation.tenant()).contains("tenant");
    assertThat(generation.samples()).isEqualTo(4);
    assertThat(generation.output()).isEqualTo(new OutputFormat.Regex("[a-z]+"));
    assertThat(generation.reasoningBudgetTokens()).hasValue(0);
    assertThat(generation.priority()).isEqualTo(3);
    assertThat(generation.deadlineEpochMs()).hasValue(12_345);
    assertThat(generation.ignoreEndOfSequence()).isFalse();
    assertThat(((Prompt.Chat) generation.prompt()).messages())
        .containsExactly(
            new ai.falaj.runtime.ChatMessage("system", "be brief"),
            new ai.falaj.runtime.ChatMessage("user", "hello"));
    assertThat(generation.sampling())
        .isEqualTo(
            ai.falaj.runtime.SamplingParameters.builder()
                .temperature(0.5)
                .topP(0.9)
                .topK(40)
                .minP(0.1)
                .maxTokens(77)
                .seed(5)
                .stop(List.of("END"))
                .presencePenalty(0.2)
                .frequencyPenalty(-0.3)
                .repetitionPenalty(1.1)
                .logitBias(Map.of(7, -100.0))
                .topLogprobs(5)
                .build());
  }

  @Test
  void turnsThatTheClientBringsMayHoldCallsAndTheirResults() throws Exception {
    PromptRequest request = Prompts.request("r1", "how high?");
    ToolCall call = new ToolCall("call_0", "level", "{\"canal\":1}");
    request.getMessages().add(new ChatMessage("assistant", "", List.of(call), null));
    request.getMessages().add(new ChatMessage("tool", "1.4", List.of(), "call_0"));

    assertThat(((Prompt.Chat) mapper.map(request, ORIGIN).prompt()).messages())
        .endsWith(
            ai.falaj.runtime.ChatMessage.assistantCalling(
                "", List.of(new ai.falaj.runtime.ToolCall("call_0", "level", "{\"canal\":1}"))),
            ai.falaj.runtime.ChatMessage.toolResult("call_0", "1.4"));

    request.getMessages().add(new ChatMessage("user", "x", List.of(call), null));
    assertThatThrownBy(() -> mapper.map(request, ORIGIN))
        .isInstanceOf(RequestMapper.RejectedRequestException.class)
        .hasMessageContaining("a message of role user has tool calls");
  }

  @Test
  void logprobsWithoutAlternativesAreNone() throws Exception {
    PromptRequest request = Prompts.request("r1", "hello");
    request.setSampling(Prompts.sampling(sampling -> sampling.setLogprobs(true)));
    assertThat(mapper.map(request, ORIGIN).sampling().topLogprobs()).hasValue(0);
    request.setSampling(Prompts.sampling(sampling -> sampling.setLogprobs(false)));
    assertThat(mapper.map(request, ORIGIN).sampling().topLogprobs()).isEmpty();
  }

  @Test
  void aRequestOfTheFirstSchemaAsksForOneSampleOfText() throws Exception {
    GenerationRequest generation = mapper.map(Prompts.request("r1", "hello"), ORIGIN);

    assertThat(generation.samples()).isEqualTo(1);
    assertThat(generation.output()).isEqualTo(OutputFormat.TEXT);
    assertThat(generation.reasoningBudgetTokens()).isEmpty();
    assertThat(generation.sampling().topLogprobs()).isEmpty();
  }

  @Test
  void fillsInTheJobsMaxTokensOnlyWhereTheRequestNamesNone() throws Exception {
    RequestMapper withDefault =
        new RequestMapper(
            ServedModels.of(RUNTIME), InferenceOptions.builder().defaultMaxTokens(64).build());
    PromptRequest none = Prompts.request("r1", "hello");
    PromptRequest own = Prompts.request("r2", "hello");
    own.setSampling(Prompts.sampling(sampling -> sampling.setMaxTokens(9)));

    assertThat(withDefault.map(none, ORIGIN).sampling().maxTokens()).hasValue(64);
    assertThat(withDefault.map(own, ORIGIN).sampling().maxTokens()).hasValue(9);
    assertThat(mapper.map(none, ORIGIN).sampling().maxTokens()).isEmpty();
  }

  @Test
  void estimatesPromptAndAnswerUpToAContext() throws Exception {
    PromptRequest request = Prompts.request("r1", "x".repeat(300));
    request.setSampling(Prompts.sampling(sampling -> sampling.setMaxTokens(50)));
    assertThat(mapper.estimateTokens(mapper.map(request, ORIGIN))).isEqualTo(8 + 100 + 50);
    assertThat(mapper.estimateTokens(mapper.map(Prompts.request("r2", "x"), ORIGIN)))
        .isEqualTo(1_000);
    request.setSampling(
        Prompts.sampling(
            sampling -> {
              sampling.setMaxTokens(50);
              sampling.setN(3);
            }));
    assertThat(mapper.estimateTokens(mapper.map(request, ORIGIN))).isEqualTo(8 + 100 + 3 * 50);
    request.setSampling(Prompts.sampling(sampling -> sampling.setN(3)));
    assertThat(mapper.estimateTokens(mapper.map(request, ORIGIN)))
        .isEqualTo(108 + 3 * (1_000 - 108));
    request.setSampling(Prompts.sampling(sampling -> sampling.setMaxTokens(50)));
    // Three Arabic letters have six bytes in UTF-8, an emoji four.
    request.setMessages(new ArrayList<>(List.of(new ChatMessage("user", "ماء😀😀"))));
    assertThat(mapper.estimateTokens(mapper.map(request, ORIGIN))).isEqualTo(8 + 14 / 3 + 50);
  }

  static Stream<Arguments> rejections() {
    return Stream.of(
        Arguments.of(
            change(request -> request.setRequestId(" ")),
            ErrorCode.INVALID_PARAMETER,
            "request_id is empty; give each request a unique one"),
        Arguments.of(
            change(request -> request.setMessages(new ArrayList<>())),
            ErrorCode.EMPTY_PROMPT,
            "none of 0 messages has content; send at least one that has"),
        Arguments.of(
            change(
                request ->
                    request.setMessages(new ArrayList<>(List.of(new ChatMessage("user", " "))))),
            ErrorCode.EMPTY_PROMPT,
            "none of 1 messages has content; send at least one that has"),
        Arguments.of(
            change(
                request ->
                    request.setMessages(
                        new ArrayList<>(List.of(new ChatMessage("robot", SECRET))))),
            ErrorCode.INVALID_PARAMETER,
            "a message's role is 'robot'; it must be system, user, assistant or tool"),
        Arguments.of(
            change(request -> request.setModel("gpt")),
            ErrorCode.UNKNOWN_MODEL,
            "model is 'gpt' and this job serves 'k2'; name that one, none, or send the request to"
                + " a job that serves it"),
        Arguments.of(
            sampling(sampling -> sampling.setMaxTokens(0)),
            ErrorCode.INVALID_PARAMETER,
            "max_tokens is 0; it must be 1 or more"),
        Arguments.of(
            sampling(sampling -> sampling.setMaxTokens(-5)),
            ErrorCode.INVALID_PARAMETER,
            "max_tokens is -5; it must be 1 or more"),
        Arguments.of(
            sampling(sampling -> sampling.setTemperature(2.5)),
            ErrorCode.INVALID_PARAMETER,
            "temperature is 2.5; it must be 0.0 to 2.0"),
        Arguments.of(
            sampling(sampling -> sampling.setTemperature(Double.NaN)),
            ErrorCode.INVALID_PARAMETER,
            "temperature is NaN; it must be 0.0 to 2.0"),
        Arguments.of(
            sampling(sampling -> sampling.setN(0)),
            ErrorCode.INVALID_PARAMETER,
            "n is 0; it must be 1 to 64"),
        invalid(sampling -> sampling.setN(65), "n is 65; it must be 1 to 64"),
        invalid(
            sampling -> sampling.setReasoningBudget(-1),
            "reasoning_budget is -1; it must be 0 (no reasoning) or more"),
        invalid(
            sampling -> sampling.setRepetitionPenalty(0.0),
            "repetition_penalty is 0.0; it must be above 0 and at most 2.0"),
        invalid(
            sampling -> sampling.setLogitBias(Map.of("a", 1.0)),
            "logit_bias has the token 'a'; it must be a token id in decimal"),
        invalid(
            sampling -> sampling.setLogitBias(Map.of("-1", 1.0)),
            "logit_bias has the token '-1'; it must be a token id in decimal"),
        invalid(
            sampling -> sampling.setLogitBias(Map.of("01", 1.0)),
            "logit_bias has the token '01'; it must be a token id in decimal"),
        invalid(
            sampling -> sampling.setLogitBias(Map.of("5", 101.0)),
            "logit_bias of 5 is 101.0; it must be -100.0 to 100.0"),
        invalid(
            sampling -> sampling.setTopLogprobs(3),
            "top_logprobs is 3 and logprobs is not set; set logprobs to true"),
        invalid(
            sampling -> {
              sampling.setLogprobs(true);
              sampling.setTopLogprobs(21);
            },
            "top_logprobs is 21; it must be 0 to 20"),
        invalid(
            sampling -> sampling.setRegex(""), "regex is empty; give it a pattern or leave it out"),
        invalid(
            sampling -> sampling.setChoice(List.of("a", "")),
            "choice has an empty text at 1; remove it"),
        invalid(
            sampling -> {
              sampling.setChoice(List.of("a"));
              sampling.setRegex("a");
              sampling.setResponseFormat("{}");
            },
            "response_format and regex and choice are set; set one of them"),
        invalid(
            sampling -> sampling.setResponseFormat("{\"type\": "),
            "response_format is no JSON at column 10; correct it"));
  }

  private static Arguments invalid(Consumer<SamplingParameters> change, String message) {
    return Arguments.of(sampling(change), ErrorCode.INVALID_PARAMETER, message);
  }

  @ParameterizedTest
  @MethodSource("rejections")
  void rejectsWithValueRangeAndRemedy(
      Consumer<PromptRequest> change, ErrorCode code, String message) {
    PromptRequest request = Prompts.request("r1", SECRET);
    change.accept(request);
    RejectedRequestException rejected =
        catchThrowableOfType(RejectedRequestException.class, () -> mapper.map(request, ORIGIN));

    assertThat(rejected.code()).isEqualTo(code);
    assertThat(rejected).hasMessage(message).hasMessageNotContaining(SECRET);
  }

  @Test
  void showsOnlyTheBeginningOfALongName() {
    PromptRequest request = Prompts.request("r1", "hello");
    request.setModel("m".repeat(10_000));
    RejectedRequestException rejected =
        catchThrowableOfType(RejectedRequestException.class, () -> mapper.map(request, ORIGIN));
    assertThat(rejected.getMessage()).hasSizeLessThan(300);
  }

  private static Consumer<PromptRequest> change(Consumer<PromptRequest> change) {
    return change;
  }

  private static Consumer<PromptRequest> sampling(Consumer<SamplingParameters> change) {
    return request -> request.setSampling(Prompts.sampling(change));
  }
}
