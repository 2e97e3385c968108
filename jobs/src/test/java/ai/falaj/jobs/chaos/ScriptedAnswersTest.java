package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the ledger takes for right is what the scripted model really writes. */
class ScriptedAnswersTest {

  @Test
  void knowsAGreedyAnswer() throws Exception {
    GenerationResult.Sample sample = generate("r1 palm ماء 🌴", 1, 0, 100).get(0);

    assertThat(sample.answer()).isEqualTo(ScriptedAnswers.answer("r1 palm ماء 🌴", 0, 100));
    assertThat(sample.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void knowsTheAnswerOfEachSeededSample() throws Exception {
    List<GenerationResult.Sample> samples = generate("r2 well", 2, 41, 100);

    assertThat(samples)
        .extracting(GenerationResult.Sample::answer)
        .containsExactly(
            ScriptedAnswers.answer("r2 well", 41, 100), ScriptedAnswers.answer("r2 well", 42, 100));
  }

  @Test
  void knowsWhereAnAnswerIsCut() throws Exception {
    for (int maxTokens = 1; maxTokens < 12; maxTokens++) {
      GenerationResult.Sample sample = generate("r3 a b c d", 1, 0, maxTokens).get(0);

      assertThat(sample.answer())
          .as("max_tokens %d", maxTokens)
          .isEqualTo(ScriptedAnswers.answer("r3 a b c d", 0, maxTokens));
    }
  }

  private static List<GenerationResult.Sample> generate(
      String prompt, int samples, long seed, int maxTokens) throws Exception {
    SamplingParameters.Builder sampling =
        SamplingParameters.builder().temperature(seed == 0 ? 0 : 1).maxTokens(maxTokens);
    if (seed != 0) {
      sampling.seed(seed);
    }
    GenerationRequest request =
        GenerationRequest.builder("id", new Prompt.Chat(List.of(new ChatMessage("user", prompt))))
            .sampling(sampling.build())
            .samples(samples)
            .build();
    ResultListener listener = new ResultListener();
    try (ModelRuntime runtime = ScriptedAnswers.spec().open()) {
      runtime.submit(request, listener);
      return listener.result.get(20, TimeUnit.SECONDS).samples();
    }
  }

  private static final class ResultListener implements GenerationListener {
    final CompletableFuture<GenerationResult> result = new CompletableFuture<>();

    @Override
    public void onTokens(TokenDelta delta) {}

    @Override
    public void onFinished(GenerationResult finished) {
      result.complete(finished);
    }

    @Override
    public void onFailed(GenerationException failure) {
      result.completeExceptionally(failure);
    }
  }
}
