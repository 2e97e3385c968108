package ai.falaj.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a {@link ModelRuntime} that shows its tokens must do with a generation that was interrupted,
 * and everything else. One that does not show them goes on from text, as its own tests say.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public abstract class ResumptionContract extends ModelRuntimeContract {

  private static final int TOKENS = 12;

  @Test
  void tellsTheGivenTokensAgainOneByOneAndGoesOn() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener first = run(runtime, request(1));
      for (int cut = 0; cut < TOKENS; cut++) {
        RecordingListener second = run(runtime, resumed(runtime, first, cut));

        GenerationResult result = second.result();
        assertThat(second.violations()).isEmpty();
        assertThat(second.deltas().subList(0, cut)).isEqualTo(first.deltas().subList(0, cut));
        assertThat(second.tokens()).hasSize(TOKENS);
        assertThat(result.usage().completionTokens()).isEqualTo(TOKENS);
        assertThat(result.usage().promptTokens()).isEqualTo(first.result().usage().promptTokens());
        assertThat(result.effectiveMaxTokens()).isEqualTo(TOKENS);
        assertThat(result.finishReason()).isEqualTo(first.result().finishReason());
        assertThat(second.answer()).isEqualTo(result.answer());
        assertThat(second.reasoning()).isEqualTo(result.reasoning());
      }
    }
  }

  @Test
  void computesNothingForWhatWasComplete() throws Exception {
    ModelRuntime runtime = open(4, 10);
    try (runtime) {
      RecordingListener first = run(runtime, request(3));

      RecordingListener second = run(runtime, resumed(runtime, first, TOKENS, TOKENS, TOKENS));

      assertThat(second.violations()).isEmpty();
      assertThat(second.result().samples()).isEqualTo(first.result().samples());
      assertThat(second.deltas()).hasSameElementsAs(first.deltas());
    }
    assertThat(runtime.stats().generationTokens()).isEqualTo(3 * TOKENS);
  }

  @Test
  void samplesGoOnFromWhereEachOfThemWas() throws Exception {
    try (ModelRuntime runtime = open(4, 10)) {
      RecordingListener first = run(runtime, request(3));

      RecordingListener second = run(runtime, resumed(runtime, first, 5, TOKENS, 0));

      assertThat(second.violations()).isEmpty();
      assertThat(second.tokens(0))
          .startsWith(first.tokens(0).subList(0, 5).toArray(Integer[]::new));
      assertThat(second.tokens(1)).isEqualTo(first.tokens(1));
      assertThat(second.deltas().subList(0, 5 + TOKENS))
          .extracting(TokenDelta::sample)
          .as("given tokens come sample by sample")
          .isSorted();
      for (int sample = 0; sample < 3; sample++) {
        GenerationResult.Sample ended = second.result().samples().get(sample);
        assertThat(second.tokens(sample)).hasSize(TOKENS);
        assertThat(second.answer(sample)).isEqualTo(ended.answer());
        assertThat(ended.completionTokens()).isEqualTo(TOKENS);
        assertThat(ended.finishReason())
            .isEqualTo(first.result().samples().get(sample).finishReason());
      }
      assertThat(second.result().samples().get(1)).isEqualTo(first.result().samples().get(1));
    }
  }

  @Test
  void tellsTheGivenLogprobsAgain() throws Exception {
    SamplingParameters sampling =
        SamplingParameters.builder().seed(5).maxTokens(TOKENS).topLogprobs(2).build();
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener first = run(runtime, request(1).sampling(sampling));

      RecordingListener second =
          run(runtime, resumed(runtime, first, TOKENS - 2).sampling(sampling));

      assertThat(second.logprobs(0))
          .hasSize(TOKENS)
          .startsWith(first.logprobs(0).subList(0, TOKENS - 2).toArray(TokenLogprob[]::new))
          .isEqualTo(second.result().samples().get(0).logprobs());
      assertThat(
              run(
                      runtime,
                      request(1).sampling(sampling).resumption(given(runtime, first, false, 3)))
                  .failure()
                  .code())
          .as("logprobs are missing")
          .isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
    }
  }

  @Test
  void countsGivenTokensApartFromThoseItMakes() throws Exception {
    RecordingListener first;
    ModelRuntime runtime = open(2, 10);
    try (runtime) {
      first = run(runtime, request(1));
      run(runtime, resumed(runtime, first, 5));
      run(runtime, resumed(runtime, first, TOKENS));
    }
    RuntimeStats stats = runtime.stats();
    assertThat(stats.generationTokens()).isEqualTo(TOKENS + TOKENS - 5);
    assertThat(stats.resumedTokens()).isEqualTo(5 + TOKENS);
    assertThat(stats.requestsFinished()).isEqualTo(3);
  }

  @Test
  void refusesTokensThatItCannotHaveMade() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener first = run(runtime, request(1));
      Resumption others =
          new Resumption(Optional.of("f".repeat(64)), given(runtime, first, true, 3).samples());
      List<Resumption> unfit =
          List.of(
              others,
              new Resumption(Optional.empty(), List.of(Resumption.Sample.of(-1))),
              new Resumption(Optional.empty(), List.of(Resumption.Sample.of(Integer.MAX_VALUE))));
      for (Resumption resumption : unfit) {
        RecordingListener refused = run(runtime, request(1).resumption(resumption));

        assertThat(refused.failure().code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
        assertThat(refused.failure()).hasMessageContaining("start over");
        assertThat(refused.violations()).isEmpty();
        assertThat(refused.deltas()).isEmpty();
      }
      assertThat(run(runtime, request(1)).result().samples()).isEqualTo(first.result().samples());
    }
  }

  private static RecordingListener run(ModelRuntime runtime, GenerationRequest.Builder request)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request.build(), listener);
    return listener.awaitEnd();
  }

  /** Writes all its tokens, whatever the model says. */
  private static GenerationRequest.Builder request(int samples) {
    return GenerationRequest.builder("r", ModelRuntimeContract.chat("Tell me about water"))
        .sampling(SamplingParameters.builder().seed(5).maxTokens(TOKENS).build())
        .samples(samples)
        .ignoreEndOfSequence();
  }

  private static GenerationRequest.Builder resumed(
      ModelRuntime runtime, RecordingListener first, int... cuts) {
    return request(cuts.length).resumption(given(runtime, first, true, cuts));
  }

  /** The first tokens of each sample. */
  private static Resumption given(
      ModelRuntime runtime, RecordingListener first, boolean logprobs, int... cuts) {
    List<Resumption.Sample> samples = new ArrayList<>();
    for (int sample = 0; sample < cuts.length; sample++) {
      TokenIds.Builder tokens = new TokenIds.Builder();
      tokens.addAll(first.tokens(sample).subList(0, cuts[sample]));
      boolean has = logprobs && !first.logprobs(sample).isEmpty();
      samples.add(
          new Resumption.Sample(
              tokens.view(), has ? first.logprobs(sample).subList(0, cuts[sample]) : List.of()));
    }
    return new Resumption(runtime.info().modelSha256(), samples);
  }
}
