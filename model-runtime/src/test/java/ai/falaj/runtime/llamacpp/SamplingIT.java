package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.TokenLogprob.Alternative;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sampling parameters and reasoning budgets through the whole engine, with real logits. */
class SamplingIT {

  private static final Prompt.Raw PROMPT = new Prompt.Raw("<|im_start|>user\nwater");
  private static final Prompt.Raw THINKING = new Prompt.Raw("<|im_start|>assistant\n<think>\n");

  @TempDir static Path directory;
  private static ModelRuntime runtime;

  @BeforeAll
  static void openRuntime() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7);
    runtime =
        LlamaCppSpec.builder(model.toString())
            .maxSequences(4)
            .contextTokensPerSequence(512)
            .build()
            .open();
  }

  @AfterAll
  static void closeRuntime() {
    runtime.close();
  }

  @Test
  void logprobsSayHowLikelyTheGreedyTokensWere() throws Exception {
    Recorded recorded = generate(request(PROMPT, greedy(8).topLogprobs(3)).build());
    List<TokenLogprob> logprobs = recorded.logprobs();
    assertThat(logprobs).hasSize(8);
    for (TokenLogprob logprob : logprobs) {
      assertThat(logprob.logprob()).isNegative();
      assertThat(logprob.top()).hasSize(3);
      Alternative best = logprob.top().get(0);
      assertThat(best)
          .isEqualTo(new Alternative(logprob.token(), logprob.text(), logprob.logprob()));
      assertThat(logprob.top())
          .isSortedAccordingTo((a, b) -> Float.compare(b.logprob(), a.logprob()));
    }
  }

  @Test
  void noLogprobsAreReportedUnlessAsked() throws Exception {
    assertThat(generate(request(PROMPT, greedy(4)).build()).logprobs()).isEmpty();
  }

  @Test
  void aBiasForbidsOrForcesTokens() throws Exception {
    List<Integer> free = generate(request(PROMPT, greedy(6)).build()).tokens();
    List<Integer> forbidden =
        generate(request(PROMPT, greedy(6).logitBias(Map.of(free.get(0), -100.0))).build())
            .tokens();
    assertThat(forbidden).doesNotContain(free.get(0));
    List<Integer> forced =
        generate(request(PROMPT, greedy(6).logitBias(Map.of(3, 100.0))).build()).tokens();
    assertThat(forced).containsOnly(3);
  }

  @Test
  void aBiasOutsideTheVocabularyIsRefused() throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request(PROMPT, greedy(4).logitBias(Map.of(1_000_000, 1.0))).build(), listener);
    assertThat(listener.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.INVALID_PARAMETER);
    assertThat(listener.awaitEnd().failure()).hasMessageContaining("1000000");
  }

  @Test
  void penaltiesMakeTheTextLessRepetitive() throws Exception {
    // A few tokens are lifted above all others: among them, penalties decide.
    Map<Integer, Double> lifted = new HashMap<>();
    for (int token = 10; token < 20; token++) {
      lifted.put(token, 100.0);
    }
    SamplingParameters.Builder sampling =
        greedy(40).logitBias(lifted).presencePenalty(2).frequencyPenalty(2);
    Set<Integer> distinct = new HashSet<>(generate(request(PROMPT, sampling).build()).tokens());
    Set<Integer> unpenalised =
        new HashSet<>(generate(request(PROMPT, greedy(40).logitBias(lifted)).build()).tokens());
    assertThat(distinct).hasSizeGreaterThan(unpenalised.size());
  }

  @Test
  void aReasoningBudgetClosesTheReasoningThatThePromptOpened() throws Exception {
    for (int budget : new int[] {0, 1, 7}) {
      GenerationResult result =
          generate(request(THINKING, greedy(40)).reasoningBudgetTokens(budget).build()).result();
      // The tokens that close it carry reasoning too: a line break and the tag.
      assertThat(result.usage().reasoningTokens()).isBetween(budget, budget + 5);
      assertThat(result.answer()).isNotEmpty();
    }
    GenerationResult free = generate(request(THINKING, greedy(40)).build()).result();
    assertThat(free.answer()).isEmpty();
    assertThat(free.usage().reasoningTokens()).isEqualTo(40);
  }

  @Test
  void aReasoningBudgetAddsNothingToAnAnswerWithoutReasoning() throws Exception {
    List<Integer> free = generate(request(PROMPT, greedy(20)).build()).tokens();
    Recorded budgeted = generate(request(PROMPT, greedy(20)).reasoningBudgetTokens(0).build());
    assertThat(budgeted.tokens()).isEqualTo(free);
  }

  @Test
  void forcedTokensHaveLogprobs() throws Exception {
    Recorded recorded =
        generate(request(THINKING, greedy(10).topLogprobs(1)).reasoningBudgetTokens(2).build());
    List<TokenLogprob> logprobs = recorded.logprobs();
    assertThat(logprobs).hasSize(10);
    assertThat(logprobs).extracting(TokenLogprob::text).contains("</think>");
    assertThat(logprobs).extracting(TokenLogprob::token).isEqualTo(recorded.tokens());
  }

  private static Recorded generate(GenerationRequest request) throws Exception {
    Recorded recorded = new Recorded(new RecordingListener(), new ArrayList<>());
    runtime.submit(request, recorded);
    recorded.listener.awaitEnd().result();
    return recorded;
  }

  private static GenerationRequest.Builder request(
      Prompt prompt, SamplingParameters.Builder sampling) {
    return GenerationRequest.builder("request", prompt).sampling(sampling.build());
  }

  private static SamplingParameters.Builder greedy(int maxTokens) {
    return SamplingParameters.builder().temperature(0).maxTokens(maxTokens);
  }

  /** What arrived, logprobs too; they are complete once the listener has ended. */
  private record Recorded(RecordingListener listener, List<TokenLogprob> logprobs)
      implements GenerationListener {

    GenerationResult result() {
      return listener.result();
    }

    List<Integer> tokens() {
      return listener.tokens();
    }

    @Override
    public void onStarted() {
      listener.onStarted();
    }

    @Override
    public void onTokens(TokenDelta delta) {
      logprobs.addAll(delta.logprobs());
      listener.onTokens(delta);
    }

    @Override
    public void onFinished(GenerationResult result) {
      listener.onFinished(result);
    }

    @Override
    public void onFailed(GenerationException failure) {
      listener.onFailed(failure);
    }
  }
}
