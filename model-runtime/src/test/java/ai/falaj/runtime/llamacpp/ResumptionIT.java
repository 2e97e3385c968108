package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.TinyModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A generation cut at every token goes on as it would have, with real logits and grammars. */
class ResumptionIT {

  private static final int TOKENS = 40;

  /** Natural logarithms; f16 keys and values leave three digits. */
  private static final float TIE = 0.02f;

  private static final Prompt.Raw PROMPT =
      new Prompt.Raw("<|im_start|>user\nthe river and the field<|im_end|>\n");

  private static final String SCHEMA =
      """
      {"type": "object", "additionalProperties": false, "required": ["level", "note"],
       "properties": {"level": {"type": "integer", "minimum": 0, "maximum": 99},
                      "note": {"type": "string", "maxLength": 12}}}
      """;

  @TempDir static Path directory;
  private static Path model;

  @BeforeAll
  static void writeModel() throws IOException {
    model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11);
  }

  /**
   * The same numbers: what is there of the KV cache was computed token by token, too. The last
   * token of the prompt was not, so that there is a cut after the first token at the earliest.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void equalsTheUninterruptedOneWhereItsKvEntriesAreStillThere(double temperature)
      throws Exception {
    try (ModelRuntime runtime = spec().build().open()) {
      GenerationRequest.Builder request = request(temperature);
      GenerationResult whole = run(runtime, request).result();
      for (int cut = 1; cut <= TOKENS; cut++) {
        RecordingListener heard = run(runtime, request.resumption(given(runtime, whole, cut)));
        assertThat(heard.result().samples()).as("cut at %d", cut).isEqualTo(whole.samples());
        assertThat(heard.logprobs(0)).isEqualTo(whole.samples().get(0).logprobs());
      }
    }
  }

  /** Prompt and given tokens are prefilled at once, which rounds otherwise than one by one. */
  @Test
  void equalsTheUninterruptedOneUpToTiesInAnotherProcess() throws Exception {
    try (ModelRuntime runtime = spec().prefixSharing(false).build().open()) {
      GenerationRequest.Builder request = request(0);
      GenerationResult whole = run(runtime, request).result();
      for (int cut = 0; cut <= TOKENS; cut++) {
        GenerationResult resumed =
            run(runtime, request.resumption(given(runtime, whole, cut))).result();
        assertSameUpToTies(cut, resumed, whole);
      }
    }
  }

  /** A draw parts only where the random number falls between two roundings of a probability. */
  @Test
  void drawsOnWithTheStreamThatItBeganWith() throws Exception {
    int equal = 0;
    try (ModelRuntime runtime = spec().prefixSharing(false).build().open()) {
      GenerationRequest.Builder request = request(1);
      GenerationResult whole = run(runtime, request).result();
      for (int cut = 0; cut < TOKENS; cut++) {
        GenerationResult resumed =
            run(runtime, request.resumption(given(runtime, whole, cut))).result();
        assertThat(tokens(resumed).subList(0, cut)).isEqualTo(tokens(whole).subList(0, cut));
        equal += tokens(resumed).equals(tokens(whole)) ? 1 : 0;
      }
    }
    assertThat(equal).as("equal texts of %d", TOKENS).isGreaterThan(TOKENS * 3 / 4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aJsonAnswerCutAtAnyTokenIsStillOfItsSchema(boolean reasons) throws Exception {
    try (ModelRuntime runtime = spec().build().open()) {
      GenerationRequest.Builder request =
          GenerationRequest.builder(
                  "json", reasons ? new Prompt.Raw(PROMPT.text() + "<think>\n") : PROMPT)
              .sampling(SamplingParameters.builder().seed(4).maxTokens(120).topLogprobs(1).build())
              .reasoningBudgetTokens(reasons ? 6 : 0)
              .output(new OutputFormat.JsonSchema(SCHEMA));
      GenerationResult whole = run(runtime, request).result();
      int count = whole.usage().completionTokens();
      assertThat(whole.reasoning().isEmpty()).isEqualTo(!reasons);
      for (int cut = 1; cut <= count; cut++) {
        GenerationResult resumed =
            run(runtime, request.resumption(given(runtime, whole, cut))).result();
        assertThat(resumed.samples()).as("cut at %d", cut).isEqualTo(whole.samples());
        JsonNode answer = new ObjectMapper().readTree(resumed.answer());
        assertThat(answer.get("level").asInt()).isBetween(0, 99);
        assertThat(answer.get("note").asText()).hasSizeLessThanOrEqualTo(12);
      }
    }
  }

  @Test
  void refusesTokensThatTheGrammarDoesNotAllowAndLives() throws Exception {
    try (ModelRuntime runtime = spec().build().open()) {
      GenerationRequest.Builder free = request(1);
      GenerationResult noise = run(runtime, free).result();
      GenerationRequest.Builder json =
          GenerationRequest.builder("json", PROMPT)
              .sampling(SamplingParameters.builder().seed(4).maxTokens(120).topLogprobs(1).build())
              .output(new OutputFormat.JsonSchema(SCHEMA));

      RecordingListener refused = run(runtime, json.resumption(given(runtime, noise, TOKENS)));

      assertThat(refused.failure().code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
      assertThat(refused.failure()).hasMessageContaining("does not allow");
      assertThat(tokens(run(runtime, free).result())).isEqualTo(tokens(noise));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1 << 24, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void refusesTokensOutsideOfTheVocabularyAndLives(int token) throws Exception {
    try (ModelRuntime runtime = spec().build().open()) {
      GenerationRequest.Builder request =
          GenerationRequest.builder("r", PROMPT)
              .sampling(SamplingParameters.builder().seed(4).maxTokens(8).build());
      Resumption unfit = new Resumption(Optional.empty(), List.of(Resumption.Sample.of(3, token)));

      RecordingListener refused = run(runtime, request.resumption(unfit));

      assertThat(refused.failure().code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
      Resumption nothing =
          new Resumption(
              runtime.info().modelSha256(),
              List.of(new Resumption.Sample(TokenIds.empty(), List.of())));
      assertThat(run(runtime, request.resumption(nothing)).tokens()).hasSize(8);
    }
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder(model.toString())
        .maxSequences(2)
        .threads(1)
        .contextTokensPerSequence(512)
        .maxBatchTokens(256);
  }

  private static GenerationRequest.Builder request(double temperature) {
    return GenerationRequest.builder("r", PROMPT)
        .sampling(
            SamplingParameters.builder()
                .temperature(temperature)
                .seed(7)
                .maxTokens(TOKENS)
                .presencePenalty(0.4)
                .frequencyPenalty(0.2)
                .repetitionPenalty(1.1)
                .topLogprobs(2)
                .build());
  }

  private static RecordingListener run(ModelRuntime runtime, GenerationRequest.Builder request)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request.build(), listener);
    return listener.awaitEnd();
  }

  private static Resumption given(ModelRuntime runtime, GenerationResult whole, int cut) {
    List<TokenLogprob> first = whole.samples().get(0).logprobs().subList(0, cut);
    TokenIds.Builder tokens = new TokenIds.Builder();
    tokens.addAll(first.stream().map(TokenLogprob::token).toList());
    return new Resumption(
        runtime.info().modelSha256(), List.of(new Resumption.Sample(tokens.view(), first)));
  }

  private static List<Integer> tokens(GenerationResult result) {
    List<Integer> tokens = new ArrayList<>();
    result.samples().get(0).logprobs().forEach(logprob -> tokens.add(logprob.token()));
    return tokens;
  }

  private static void assertSameUpToTies(
      int cut, GenerationResult resumed, GenerationResult whole) {
    List<TokenLogprob> wanted = whole.samples().get(0).logprobs();
    List<TokenLogprob> got = resumed.samples().get(0).logprobs();
    assertThat(got).hasSameSizeAs(wanted);
    assertThat(got.subList(0, cut)).isEqualTo(wanted.subList(0, cut));
    for (int position = cut; position < wanted.size(); position++) {
      TokenLogprob token = wanted.get(position);
      if (got.get(position).token() != token.token()) {
        assertThat(token.top().get(0).logprob() - token.top().get(1).logprob())
            .as("lead of token %d over the next likely, cut at %d", position, cut)
            .isLessThan(TIE);
        return;
      }
      assertThat(got.get(position).logprob()).isCloseTo(token.logprob(), within(TIE));
    }
  }
}
