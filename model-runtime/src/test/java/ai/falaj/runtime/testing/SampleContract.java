package ai.falaj.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenLogprob;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ModelRuntime} must do with several samples of a prompt, with formats and with
 * logprobs. Part of {@link ModelRuntimeContract}.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public abstract class SampleContract {

  /** A runtime that this test closes. Its context holds at least 64 tokens per sequence. */
  protected abstract ModelRuntime open(int maxSequences, int maxWaiting) throws Exception;

  private static final int SAMPLES = 3;
  private static final int TOKENS = 8;

  @Test
  void tellsTheDeltasOfEachSampleAndEndsOnceWithAllOfThem() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(samples("a", seeded(5), SAMPLES), listener);
      GenerationResult result = listener.awaitEnd().result();

      assertThat(listener.violations()).isEmpty();
      assertThat(listener.samples()).containsExactlyInAnyOrder(0, 1, 2);
      assertThat(result.samples()).hasSize(SAMPLES);
      for (int i = 0; i < SAMPLES; i++) {
        GenerationResult.Sample sample = result.samples().get(i);
        assertThat(listener.answer(i)).isEqualTo(sample.answer());
        assertThat(listener.reasoning(i)).isEqualTo(sample.reasoning());
        assertThat(listener.tokens(i)).hasSize(sample.completionTokens()).hasSize(TOKENS);
        assertThat(sample.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(sample.logprobs()).isEmpty();
      }
    }
  }

  @Test
  void countsThePromptOnceAndTheTokensOfAllSamples() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      GenerationResult one = resultOf(runtime, samples("one", seeded(5), 1));
      GenerationResult three = resultOf(runtime, samples("three", seeded(5), SAMPLES));

      assertThat(three.usage().promptTokens()).isEqualTo(one.usage().promptTokens());
      assertThat(three.usage().completionTokens()).isEqualTo(SAMPLES * TOKENS);
      assertThat(three.effectiveMaxTokens()).isEqualTo(TOKENS);
    }
  }

  @Test
  void aSampleIsWhatARequestWithItsSeedGets() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      GenerationResult together = resultOf(runtime, samples("together", seeded(40), SAMPLES));

      assertThat(together.seed()).isEqualTo(40);
      assertThat(together.samples().stream().map(GenerationResult.Sample::answer).distinct())
          .as("texts of different seeds")
          .hasSizeGreaterThan(1);
      for (int i = 0; i < SAMPLES; i++) {
        GenerationResult alone = resultOf(runtime, samples("alone", seeded(40 + i), 1));
        assertThat(together.samples().get(i)).as("sample %d", i).isEqualTo(alone.samples().get(0));
      }
    }
  }

  @Test
  void seedsGoOnAtZeroAfterTheLast() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      GenerationResult last =
          resultOf(runtime, samples("a", seeded(SamplingParameters.MAX_SEED), 2));
      GenerationResult first = resultOf(runtime, samples("b", seeded(0), 1));

      assertThat(last.seed()).isEqualTo(SamplingParameters.MAX_SEED);
      assertThat(last.samples().get(1)).isEqualTo(first.samples().get(0));
    }
  }

  @Test
  void greedySamplesAreEqual() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      GenerationResult result =
          resultOf(runtime, samples("a", SamplingParameters.greedy(TOKENS), 2));

      assertThat(result.samples().get(0)).isEqualTo(result.samples().get(1));
    }
  }

  @Test
  void cancelEndsAllSamplesWithTheirTextSoFar() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener listener = new RecordingListener();
      int context = runtime.info().contextTokensPerSequence();
      GenerationHandle handle =
          runtime.submit(samples("a", SamplingParameters.greedy(context), 2), listener);
      listener.awaitFirstTokens();
      handle.cancel();
      GenerationResult result = listener.awaitEnd().result();

      assertThat(listener.violations()).isEmpty();
      assertThat(result.samples()).hasSize(2);
      for (int i = 0; i < 2; i++) {
        GenerationResult.Sample sample = result.samples().get(i);
        // The context may have been full before the cancellation came.
        assertThat(sample.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.LENGTH);
        assertThat(sample.answer()).isEqualTo(listener.answer(i));
        assertThat(sample.completionTokens()).isEqualTo(listener.tokens(i).size());
      }
    }
  }

  @Test
  void cancelBeforeTheStartEndsWithAllSamplesEmpty() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener first = new RecordingListener();
      RecordingListener second = new RecordingListener();
      runtime.submit(samples("first", SamplingParameters.greedy(32), 2), first);
      runtime.submit(samples("second", SamplingParameters.greedy(32), 2), second).cancel();

      GenerationResult result = second.awaitEnd().result();
      assertThat(result.samples())
          .hasSize(2)
          .allSatisfy(
              sample -> {
                assertThat(sample.finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThat(sample.answer()).isEmpty();
                assertThat(sample.completionTokens()).isZero();
              });
      assertThat(first.awaitEnd().result().samples())
          .extracting(GenerationResult.Sample::finishReason)
          .containsOnly(FinishReason.LENGTH);
    }
  }

  @Test
  void servesRequestsOfManySamplesOneAfterTheOther() throws Exception {
    try (ModelRuntime runtime = open(4, 100)) {
      List<RecordingListener> listeners =
          IntStream.range(0, 9).mapToObj(i -> new RecordingListener()).toList();
      for (int i = 0; i < listeners.size(); i++) {
        runtime.submit(
            samples("r" + i, SamplingParameters.greedy(TOKENS), 1 + i % 4), listeners.get(i));
      }
      for (int i = 0; i < listeners.size(); i++) {
        assertThat(listeners.get(i).awaitEnd().result().samples()).hasSize(1 + i % 4);
        assertThat(listeners.get(i).violations()).isEmpty();
      }
    }
  }

  @Test
  void servesMoreSamplesThanItHasSequences() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(samples("many", SamplingParameters.greedy(TOKENS), 5), listener);
      GenerationResult result = listener.awaitEnd().result();

      assertThat(listener.violations()).isEmpty();
      assertThat(result.samples()).hasSize(5);
      assertThat(result.samples())
          .extracting(GenerationResult.Sample::completionTokens)
          .containsOnly(TOKENS);
    }
  }

  @Test
  void refusesAnAdapterThatIsNotLoaded() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      RecordingListener listener = new RecordingListener();
      GenerationRequest request =
          GenerationRequest.builder("a", ModelRuntimeContract.chat("hello"))
              .sampling(SamplingParameters.greedy(4))
              .adapter("no-such-adapter")
              .build();
      runtime.submit(request, listener);

      assertThat(listener.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.UNKNOWN_MODEL);
      assertThat(listener.failure().getMessage()).contains("no-such-adapter");
    }
  }

  @Test
  void answersWithOneOfTheChoices() throws Exception {
    List<String> choices = List.of("urgent", "normal", "spam");
    try (ModelRuntime runtime = open(4, 10)) {
      GenerationRequest request =
          GenerationRequest.builder("a", ModelRuntimeContract.chat("Classify: the tap leaks"))
              .sampling(SamplingParameters.builder().seed(3).maxTokens(32).build())
              .output(new OutputFormat.Choice(choices))
              .reasoningBudgetTokens(0)
              .samples(4)
              .build();

      assertThat(resultOf(runtime, request).samples())
          .allSatisfy(
              sample -> {
                assertThat(choices).contains(sample.answer());
                assertThat(sample.finishReason()).isEqualTo(FinishReason.STOP);
              });
    }
  }

  @Test
  void reportsALogprobOfEachTokenWhereTheRequestAsks() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener listener = new RecordingListener();
      SamplingParameters sampling =
          SamplingParameters.builder().temperature(0).maxTokens(TOKENS).topLogprobs(3).build();
      runtime.submit(samples("a", sampling, 2), listener);
      GenerationResult result = listener.awaitEnd().result();

      for (int i = 0; i < 2; i++) {
        List<TokenLogprob> logprobs = result.samples().get(i).logprobs();
        assertThat(logprobs).isEqualTo(listener.logprobs(i));
        assertThat(logprobs).extracting(TokenLogprob::token).isEqualTo(listener.tokens(i));
        assertThat(logprobs).allSatisfy(SampleContract::isGreedyChoiceOfThree);
      }
    }
  }

  private static void isGreedyChoiceOfThree(TokenLogprob logprob) {
    assertThat(logprob.logprob()).isLessThanOrEqualTo(0);
    assertThat(logprob.top()).hasSize(3);
    assertThat(logprob.top().get(0).logprob()).isEqualTo(logprob.logprob());
    assertThat(logprob.top().get(1).logprob())
        .isBetween(logprob.top().get(2).logprob(), logprob.top().get(0).logprob());
  }

  @Test
  void reportsLogprobsWithoutAlternatives() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      SamplingParameters sampling =
          SamplingParameters.builder().temperature(0).maxTokens(TOKENS).topLogprobs(0).build();

      assertThat(resultOf(runtime, samples("a", sampling, 1)).samples().get(0).logprobs())
          .hasSize(TOKENS)
          .allSatisfy(logprob -> assertThat(logprob.top()).isEmpty());
    }
  }

  private static GenerationResult resultOf(ModelRuntime runtime, GenerationRequest request)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request, listener);
    return listener.awaitEnd().result();
  }

  private static SamplingParameters seeded(long seed) {
    return SamplingParameters.builder().seed(seed).maxTokens(TOKENS).build();
  }

  /** Samples that end at their longest only. */
  private static GenerationRequest samples(
      String requestId, SamplingParameters sampling, int samples) {
    return GenerationRequest.builder(requestId, ModelRuntimeContract.chat("Tell me about water"))
        .sampling(sampling)
        .samples(samples)
        .ignoreEndOfSequence()
        .build();
  }
}
