package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.llamacpp.sampling.FakeTokens;
import ai.falaj.runtime.llamacpp.sampling.TokenConstraint;
import ai.falaj.runtime.testing.RecordingListener;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wherever a text is cut, what is told and what comes of it is as if it had not been cut. */
class ResumerTest {

  private static final String SHA256 = "a".repeat(64);

  private final FakeTokens tokens =
      new FakeTokens(
          "<th",
          "ink>",
          "</",
          "think",
          ">\n\n",
          "<answer>",
          "</answer>",
          "so",
          " it",
          " is",
          "yes",
          "\n",
          "\nE",
          "ND",
          "{\"a\":",
          "12",
          "}",
          "\"");

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("plain", "so it is"),
        Arguments.of("reasoning", "<think>so it is</think>\n\nyes it is"),
        Arguments.of("reasoning that a tag ends in the middle of a token", "<think>so</think>yes"),
        Arguments.of("answer tags", "<think>so</think>\n\n<answer>it is</answer>\n"),
        Arguments.of("a stop string", "so it\n\nEND and no more"),
        Arguments.of("what looks like a stop string", "so it\n\nEN it is\n\nE"),
        Arguments.of("code points of several bytes", "قناة 🙂 ماء"),
        Arguments.of("a tag that never closes", "<think>so it is</th"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  void noCutCanBeSeen(String name, String text) throws Exception {
    GenerationRequest.Builder request = request(SamplingParameters.builder());
    int[] script = script(text);
    Written whole = write(request, script, 0);
    assertThat(whole.sample().completionTokens()).isPositive();
    for (int cut = 0; cut <= whole.deltas().size(); cut++) {
      assertThat(write(request, script, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @Test
  void logprobsAreThoseThatWereGiven() throws Exception {
    GenerationRequest.Builder request = request(SamplingParameters.builder().topLogprobs(2));
    int[] script = script("<think>so</think>\n\nyes");
    Written whole = write(request, script, 0);
    assertThat(whole.sample().logprobs()).hasSize(script.length);
    for (int cut = 0; cut <= script.length; cut++) {
      assertThat(write(request, script, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @Test
  void aFormatHoldsAcrossTheCut() throws Exception {
    GenerationRequest.Builder request =
        request(SamplingParameters.builder()).output(new OutputFormat.JsonObject());
    int[] script = script("{\"a\":12}");
    Written whole = write(request, script, 0);
    for (int cut = 0; cut <= script.length; cut++) {
      assertThat(write(request, script, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
    refuses(request, script("{\"a\":}"), "does not allow token");
    refuses(request, script("so"), "does not allow token");
  }

  @Test
  void aReasoningBudgetCountsGivenTokens() throws Exception {
    GenerationRequest.Builder request =
        request(SamplingParameters.builder()).reasoningBudgetTokens(2);
    int[] script = script("<think>so it is so it is");
    Written whole = write(request, script, 0);
    assertThat(whole.sample().reasoning()).isEqualTo("so it");
    for (int cut = 0; cut <= 4; cut++) {
      assertThat(write(request, script, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @Test
  void refusesTokensThatCannotBe() {
    GenerationRequest.Builder request = request(SamplingParameters.builder());
    refuses(request, new int[] {0, -1}, "token -1 at 1");
    refuses(request, new int[] {tokens.size()}, "vocabulary has " + tokens.size());
    refuses(request, new int[] {7, tokens.endOfTurn(), 7}, "over after 2 of its 3 tokens");
    refuses(request, script("so\n\nEND it"), "over after");
    refuses(request(SamplingParameters.builder().topLogprobs(1)), new int[] {7}, "comes without");
  }

  @Test
  void refusesWhatItsContextDoesNotHold() {
    GenerationRequest.Builder request =
        GenerationRequest.builder("r", new Prompt.Tokens(List.of(7)))
            .sampling(SamplingParameters.builder().seed(1).build());
    refuses(request, new int[64], "64 tokens but this context leaves 63");
  }

  @Test
  void refusesTokensOfAnotherModel() {
    Resumption others =
        new Resumption(Optional.of("b".repeat(64)), List.of(Resumption.Sample.of(7)));
    assertThatThrownBy(() -> prepare(request(SamplingParameters.builder()).resumption(others)))
        .isInstanceOfSatisfying(
            GenerationException.class,
            e -> assertThat(e.code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME))
        .hasMessageContaining("b".repeat(64))
        .hasMessageContaining(SHA256);
  }

  private void refuses(GenerationRequest.Builder request, int[] given, String because) {
    Resumption resumption =
        new Resumption(Optional.of(SHA256), List.of(Resumption.Sample.of(given)));
    assertThatThrownBy(() -> prepare(request.resumption(resumption)))
        .isInstanceOfSatisfying(
            GenerationException.class,
            e -> assertThat(e.code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME))
        .hasMessageContaining(because)
        .hasMessageContaining("start over");
  }

  /** What a listener was told, and the result. */
  private record Written(List<TokenDelta> deltas, Sample sample) {}

  /** A model that writes the script; its first tokens are given where there is a cut. */
  private Written write(GenerationRequest.Builder request, int[] script, int cut)
      throws GenerationException {
    request.resumption(new Resumption(Optional.empty(), List.of(given(request, script, cut))));
    Prepared prepared = prepare(request);
    SampleRun run = prepared.run();
    prepared.generation().start(0, 1);
    while (!run.isFinished()) {
      int next = run.completionTokens();
      float[] logits = new float[tokens.size()];
      Arrays.fill(logits, -20);
      logits[next < script.length ? script[next] : tokens.endOfTurn()] = 20;
      run.next(logits, tokens, 1);
    }
    Written written = new Written(prepared.heard().deltas(), run.result());
    prepared.generation().finish(1);
    assertThat(prepared.heard().violations()).isEmpty();
    return written;
  }

  private Resumption.Sample given(GenerationRequest.Builder request, int[] script, int cut)
      throws GenerationException {
    TokenIds given = TokenIds.of(Arrays.copyOf(script, cut));
    if (cut == 0 || request.build().sampling().topLogprobs().isEmpty()) {
      return new Resumption.Sample(given, List.of());
    }
    List<TokenLogprob> logprobs = write(request, script, 0).sample().logprobs();
    return new Resumption.Sample(given, logprobs.subList(0, cut));
  }

  private record Prepared(Generation generation, SampleRun run, RecordingListener heard) {}

  private Prepared prepare(GenerationRequest.Builder request) throws GenerationException {
    RecordingListener heard = new RecordingListener();
    Generation generation = new Generation(1, request.build(), heard, 0);
    RequestPreparer preparer =
        new RequestPreparer(
            "fake",
            64,
            List.of(),
            new PromptEncoder(tokens, Optional.empty()),
            new Samplers(tokens, true, grammar -> new OneAnswer("{\"a\":12}")),
            new Resumer(Optional.of(SHA256), tokens));
    preparer.prepare(generation);
    return new Prepared(generation, generation.samples().get(0), heard);
  }

  /** The script ends the turn, or is cut by a stop string before. */
  private int[] script(String text) {
    int[] ids = tokens.tokenize(text, false, true);
    int[] script = Arrays.copyOf(ids, ids.length + 1);
    script[ids.length] = tokens.endOfTurn();
    return script;
  }

  private static GenerationRequest.Builder request(SamplingParameters.Builder sampling) {
    return GenerationRequest.builder("r", new Prompt.Tokens(List.of(7)))
        .sampling(sampling.temperature(0).seed(1).maxTokens(40).stop(List.of("\n\nEND")).build());
  }

  /** Allows one text. */
  private final class OneAnswer implements TokenConstraint {
    private final String answer;
    private String written = "";

    OneAnswer(String answer) {
      this.answer = answer;
    }

    @Override
    public boolean allows(int token) {
      String next = written + new String(tokens.piece(token), StandardCharsets.UTF_8);
      return tokens.isEndOfGeneration(token)
          ? written.equals(answer)
          : answer.startsWith(next) && !next.equals(written);
    }

    @Override
    public void mask(float[] logits) {
      for (int token = 0; token < logits.length; token++) {
        if (!allows(token)) {
          logits[token] = Float.NEGATIVE_INFINITY;
        }
      }
    }

    @Override
    public void accept(int token) {
      assertThat(allows(token)).as("token %d after %s", token, written).isTrue();
      written += new String(tokens.piece(token), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {}
  }
}
