package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.seeded;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guesses change how many steps a text takes and nothing else. */
class SpeculativeDecodingTest {

  private static final int DRAFT_TOKENS = 6;
  private static final int SEQUENCES = 4;

  /** What each sequence is going to say, by its id; the guesses are made from it. */
  private final Map<Long, List<Integer>> futures = new HashMap<>();

  /** How good guesses are. */
  private enum Guesses {
    RIGHT(guesses -> guesses),
    HALF_RIGHT(
        guesses -> {
          int[] half = guesses.clone();
          for (int index = (half.length + 1) / 2; index < half.length; index++) {
            half[index] = (half[index] + 1) % 24;
          }
          return half;
        }),
    WRONG(
        guesses -> {
          int[] wrong = guesses.clone();
          if (wrong.length > 0) {
            wrong[0] = (wrong[0] + 1) % 24;
          }
          return wrong;
        });

    private final UnaryOperator<int[]> change;

    Guesses(UnaryOperator<int[]> change) {
      this.change = change;
    }
  }

  @ParameterizedTest
  @EnumSource
  void greedyTextIsThatWithoutGuesses(Guesses guesses) throws Exception {
    EngineFixture engine = engineWith(guesses);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    for (int number = 0; number < SEQUENCES; number++) {
      requests.add(request(number, 5 + 9 * number, 40 + 5 * number));
    }

    assertSameText(engine, requests);

    assertThat(engine.stats().draftTokens()).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void seededTextIsThatWithoutGuesses(Guesses guesses) throws Exception {
    EngineFixture engine = engineWith(guesses);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    for (int number = 0; number < 2 * SEQUENCES; number++) {
      requests.add(seeded(number, 3 + 7 * number, 30 + 4 * number, 100 + number));
    }

    assertSameText(engine, requests);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void textIsThatWithoutPromptLookup(boolean sharedKv) throws Exception {
    SchedulerConfig.Builder config = speculating();
    if (sharedKv) {
      config.sharedKv(300);
    }
    EngineFixture engine = engineWith(config, new PromptLookup());
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    for (int number = 0; number < 10; number++) {
      requests.add(
          number % 2 == 0
              ? request(number, 40, 80).ignoreEndOfSequence()
              : seeded(number, 40, 80, number));
    }

    assertSameText(engine, requests);

    assertThat(engine.stats().acceptedDraftTokens()).isPositive();
    assertThat(engine.stats().acceptedDraftTokens()).isLessThan(engine.stats().draftTokens());
    assertThat(engine.stats().preemptions() > 0).isEqualTo(sharedKv);
  }

  @Test
  void rightGuessesSaveSteps() throws Exception {
    EngineFixture engine = engineWith(Guesses.RIGHT);
    GenerationRequest.Builder request = request(1, 10, 50).ignoreEndOfSequence();

    assertSameText(engine, List.of(request));

    assertThat(engine.stats().acceptedDraftTokens()).isEqualTo(engine.stats().draftTokens());
    // The first step gives one token, every other one its guesses and one more.
    assertThat(engine.stats().acceptedDraftTokens() + engine.stats().steps()).isEqualTo(50);
    assertThat(engine.stats().generationTokens()).isEqualTo(50);
    assertThat(engine.executor.trims()).isZero();
  }

  @Test
  void wrongGuessesAreForgottenAndCostNoTokens() throws Exception {
    EngineFixture engine = engineWith(Guesses.WRONG);
    GenerationRequest.Builder request = request(1, 10, 50).ignoreEndOfSequence();

    assertSameText(engine, List.of(request));

    assertThat(engine.stats().draftTokens()).isPositive();
    assertThat(engine.stats().acceptedDraftTokens()).isZero();
    assertThat(engine.executor.trims()).isPositive();
    assertThat(engine.stats().steps()).isEqualTo(50);
  }

  @Test
  void stopsWithinRightGuesses() throws Exception {
    EngineFixture engine = engineWith(Guesses.RIGHT);
    List<Integer> text = engine.expected(request(1, 10, 50).ignoreEndOfSequence(), 0);
    futures.put(0L, text);
    String stop = engine.language.tokens().text(text.get(20));
    int first = text.indexOf(text.get(20));
    GenerationRequest.Builder request =
        request(1, 10, 50)
            .ignoreEndOfSequence()
            .sampling(
                SamplingParameters.builder()
                    .temperature(0)
                    .maxTokens(50)
                    .stop(List.of(stop))
                    .build());

    RecordingListener heard = engine.submit(request);
    engine.runUntilEmpty();

    // " w1" is also how " w12" begins.
    assertThat(heard.tokens()).hasSizeBetween(1, first + 1);
    assertThat(heard.tokens()).isEqualTo(text.subList(0, heard.tokens().size()));
    assertThat(heard.answer()).doesNotContain(stop);
    engine.assertAllEnded();
  }

  @Test
  void samplesOfOneRequestAreGuessedForApart() throws Exception {
    EngineFixture engine = engineWith(Guesses.HALF_RIGHT);
    GenerationRequest.Builder request = seeded(2, 20, 40, 7).samples(SEQUENCES);
    for (int sample = 0; sample < SEQUENCES; sample++) {
      futures.put((long) sample, engine.expected(request, sample));
    }

    RecordingListener heard = engine.submit(request);
    engine.runUntilEmpty();

    for (int sample = 0; sample < SEQUENCES; sample++) {
      assertThat(heard.tokens(sample)).isEqualTo(engine.expected(request, sample));
    }
    engine.assertAllEnded();
  }

  @Test
  void guessesOfSamplesWhoseSiblingFailedInTheSameStepAreForgotten() throws Exception {
    EngineFixture engine = engineWith(Guesses.RIGHT);
    GenerationRequest.Builder request = seeded(2, 20, 60, 7).ignoreEndOfSequence().samples(2);
    for (int sample = 0; sample < 2; sample++) {
      futures.put((long) sample, engine.expected(request, sample));
    }
    engine.executor.breakLogitsOf(run -> run.sequenceId() == 0 && run.completionTokens() >= 8);
    RecordingListener heard = engine.submit(request);
    engine.runUntilEmpty();
    assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(engine.stats().generationTokens())
        .isEqualTo(heard.tokens(0).size() + heard.tokens(1).size());

    // Goes on exactly where the second sample was cut, so that its slot is used as it is.
    List<Integer> longer = new ArrayList<>(((Prompt.Tokens) request.build().prompt()).ids());
    longer.addAll(futures.get(1L).subList(0, heard.tokens(1).size()));
    longer.add(3);
    GenerationRequest.Builder next =
        GenerationRequest.builder("next", new Prompt.Tokens(longer))
            .sampling(SamplingParameters.greedy(10));
    RecordingListener nextHeard = engine.submit(next);
    engine.runUntilEmpty();

    assertThat(nextHeard.result().usage().cachedTokens()).isEqualTo(longer.size() - 1);
    assertThat(nextHeard.tokens()).isEqualTo(engine.expected(next, 0));
    engine.assertAllEnded();
  }

  @Test
  void guessesStopWhileMoreSequencesDecode() throws Exception {
    SchedulerConfig config = EngineFixture.slots(2).speculation(DRAFT_TOKENS, 1).build();
    EngineFixture engine =
        new EngineFixture(config, new Speculator(new PromptLookup(), DRAFT_TOKENS, 1), 10);
    engine.submit(request(1, 30, 60).ignoreEndOfSequence());
    engine.submit(request(2, 30, 60).ignoreEndOfSequence());

    engine.turns(60);

    assertThat(engine.stats().draftTokens()).isZero();
    engine.runUntilEmpty();
    engine.assertAllEnded();
  }

  private static SchedulerConfig.Builder speculating() {
    return EngineFixture.slots(SEQUENCES).speculation(DRAFT_TOKENS, SEQUENCES);
  }

  private EngineFixture engineWith(Guesses guesses) {
    return engineWith(speculating(), (run, most) -> guesses.change.apply(future(run, most)));
  }

  private static EngineFixture engineWith(SchedulerConfig.Builder config, DraftSource source) {
    return new EngineFixture(
        config.build(), new Speculator(source, DRAFT_TOKENS, SEQUENCES), 1_000);
  }

  private int[] future(SampleRun run, int most) {
    List<Integer> all = futures.getOrDefault(run.sequenceId(), List.of());
    int from = Math.min(all.size(), run.completionTokens());
    return all.subList(from, Math.min(all.size(), from + most)).stream()
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private void assertSameText(EngineFixture engine, List<GenerationRequest.Builder> requests)
      throws Exception {
    List<RecordingListener> heard = new ArrayList<>();
    for (GenerationRequest.Builder request : requests) {
      futures.put((long) heard.size(), engine.expected(request, 0));
      heard.add(engine.submit(request));
    }
    engine.runUntilEmpty();
    for (int index = 0; index < requests.size(); index++) {
      assertThat(heard.get(index).tokens()).isEqualTo(futures.get((long) index));
      assertThat(heard.get(index).result().usage().completionTokens())
          .isEqualTo(futures.get((long) index).size());
    }
    engine.assertAllEnded();
  }
}
