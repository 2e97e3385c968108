package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.slots;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Interrupted generations in the loop, beside others. */
class DecodeLoopResumptionTest {

  private static final int TOKENS = 40;

  @ParameterizedTest
  @CsvSource({"0, false", "1, false", "0, true"})
  void goesOnFromEveryCutAsIfThereWereNone(double temperature, boolean speculates)
      throws Exception {
    SchedulerConfig.Builder config = slots(speculates ? 1 : 8);
    Speculator speculator = Speculator.off();
    if (speculates) {
      config.speculation(4, 8);
      speculator = new Speculator(new PromptLookup(), 4, 8);
    }
    EngineFixture engine = new EngineFixture(config.build(), speculator, 1_000);
    SamplingParameters sampling =
        SamplingParameters.builder()
            .temperature(temperature)
            .seed(99)
            .maxTokens(TOKENS)
            // What never repeats itself is never guessed.
            .presencePenalty(speculates ? 0 : 0.5)
            .frequencyPenalty(speculates ? 0 : 0.3)
            .repetitionPenalty(speculates ? 1 : 1.1)
            .build();
    List<RecordingListener> heard = new ArrayList<>();
    GenerationRequest.Builder whole = request(3, 20, TOKENS).sampling(sampling);
    List<Integer> expected = engine.expected(whole, 0);
    for (int cut = 0; cut <= expected.size(); cut++) {
      heard.add(
          engine.submit(
              request(3, 20, TOKENS).sampling(sampling).resumption(given(engine, whole, cut))));
    }

    engine.runUntilEmpty();

    for (RecordingListener listener : heard) {
      assertThat(listener.tokens()).isEqualTo(expected);
      assertThat(listener.answer()).isEqualTo(heard.get(0).answer());
      assertThat(listener.result().samples()).isEqualTo(heard.get(0).result().samples());
      assertThat(listener.result().usage().promptTokens()).isEqualTo(20);
      assertThat(listener.result().usage().cachedTokens()).isBetween(0, 20);
    }
    int given = expected.size() * (expected.size() + 1) / 2;
    assertThat(engine.stats().resumedTokens()).isEqualTo(given);
    assertThat(engine.stats().generationTokens())
        .isEqualTo((long) heard.size() * expected.size() - given);
    assertThat(engine.stats().acceptedDraftTokens() > 0).isEqualTo(speculates);
    engine.assertAllEnded();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void samplesGoOnWithUnlikeNumbersOfTokens(int slots) throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(slots);
    GenerationRequest.Builder request = seeded(4);
    GenerationRequest.Builder resumed = seeded(4).resumption(given(engine, request, 0, 40, 7, 25));

    RecordingListener heard = engine.submit(resumed);
    engine.runUntilEmpty();

    for (int sample = 0; sample < 4; sample++) {
      assertThat(heard.tokens(sample)).isEqualTo(engine.expected(request, sample));
      assertThat(heard.answer(sample)).isEqualTo(heard.result().samples().get(sample).answer());
    }
    assertThat(engine.stats().generationTokens()).isEqualTo(40 + 33 + 15);
    engine.assertAllEnded();
  }

  @Test
  void whatWasCompleteTakesNoStepAndNoSlot() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    RecordingListener running = engine.submit(request(1, 5, 100).ignoreEndOfSequence());
    engine.turns(2);
    GenerationRequest.Builder request = seeded(2);

    RecordingListener heard = engine.submit(seeded(2).resumption(given(engine, request, 40, 40)));
    engine.turn();

    assertThat(heard.tokens(0)).isEqualTo(engine.expected(request, 0));
    assertThat(heard.tokens(1)).isEqualTo(engine.expected(request, 1));
    assertThat(heard.result().samples())
        .extracting(Sample::finishReason)
        .containsOnly(FinishReason.LENGTH);
    assertThat(running.ended()).isFalse();
    assertThat(engine.stats().requestsWaiting()).isZero();
    engine.runUntilEmpty();
    engine.assertAllEnded();
  }

  @Test
  void surviveTheLossOfTheirSlots() throws Exception {
    EngineFixture engine = new EngineFixture(slots(4).sharedKv(300).storedPrefixTokens(200));
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 6; number++) {
      GenerationRequest.Builder whole =
          EngineFixture.seeded(number, 40, 120, number).ignoreEndOfSequence();
      requests.add(whole);
      heard.add(
          engine.submit(
              EngineFixture.seeded(number, 40, 120, number)
                  .ignoreEndOfSequence()
                  .resumption(given(engine, whole, 15 * number))));
    }

    engine.runUntilEmpty();

    assertThat(engine.stats().preemptions()).isPositive();
    for (int number = 0; number < 6; number++) {
      assertThat(heard.get(number).tokens()).isEqualTo(engine.expected(requests.get(number), 0));
    }
    engine.assertAllEnded();
  }

  @Test
  void endsWithTheTextThatItBroughtWhereItNeverBegins() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    engine.submit(request(1, 5, 100).ignoreEndOfSequence());
    engine.turns(2);
    GenerationRequest.Builder request = seeded(2);
    RecordingListener cancelled =
        engine.submit(seeded(2).resumption(given(engine, request, 12, 40)));
    RecordingListener late =
        engine.submit(
            seeded(2)
                .resumption(given(engine, request, 12, 0))
                .deadlineEpochMs(engine.nowMs.get() + 50));
    engine.turn();

    engine.cancel(cancelled);
    engine.nowMs.addAndGet(50);
    engine.turn();

    assertThat(cancelled.result().samples())
        .extracting(Sample::finishReason)
        .containsExactly(FinishReason.CANCELLED, FinishReason.LENGTH);
    assertThat(late.result().samples())
        .extracting(Sample::finishReason)
        .containsOnly(FinishReason.DEADLINE);
    for (RecordingListener heard : List.of(cancelled, late)) {
      assertThat(heard.tokens(0)).isEqualTo(engine.expected(request, 0).subList(0, 12));
      assertThat(heard.answer(0)).isEqualTo(heard.result().samples().get(0).answer()).isNotEmpty();
    }
    engine.runUntilEmpty();
    engine.assertAllEnded();
  }

  @Test
  void refusesTokensOfAnotherModelAndDisturbsNobody() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    RecordingListener other = engine.submit(request(1, 5, 10).ignoreEndOfSequence());
    Resumption unfit =
        new Resumption(Optional.of("6".repeat(64)), List.of(Resumption.Sample.of(1, 2)));

    RecordingListener heard = engine.submit(seeded(1).resumption(unfit));
    RecordingListener beyond =
        engine.submit(
            seeded(1)
                .resumption(
                    new Resumption(Optional.empty(), List.of(Resumption.Sample.of(1, 1 << 30)))));
    engine.runUntilEmpty();

    assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
    assertThat(beyond.failure().code()).isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
    assertThat(other.tokens()).hasSize(10);
    assertThat(engine.stats().resumedTokens()).isZero();
    engine.assertAllEnded();
  }

  private static GenerationRequest.Builder seeded(int samples) {
    return EngineFixture.seeded(2, 20, TOKENS, 31).ignoreEndOfSequence().samples(samples);
  }

  /** The first tokens of each sample. */
  private static Resumption given(
      EngineFixture engine, GenerationRequest.Builder request, int... cuts) {
    List<Resumption.Sample> samples = new ArrayList<>();
    for (int sample = 0; sample < cuts.length; sample++) {
      int[] tokens =
          engine.expected(request, sample).stream().mapToInt(Integer::intValue).toArray();
      samples.add(Resumption.Sample.of(Arrays.copyOf(tokens, cuts[sample])));
    }
    return new Resumption(Optional.of(EngineFixture.SHA256), samples);
  }
}
