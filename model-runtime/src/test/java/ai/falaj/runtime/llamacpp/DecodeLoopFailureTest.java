package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.seeded;
import static ai.falaj.runtime.llamacpp.EngineFixture.slots;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.testing.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An engine that breaks down and logits that are no numbers end the requests they concern, once.
 */
class DecodeLoopFailureTest {

  private static final int RANDOM_REQUESTS = 40;

  @Test
  void anEngineThatBreaksDownEndsWhatRunsAndNotWhatWaits() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 5; number++) {
      requests.add(seeded(number, 20, 30, number).ignoreEndOfSequence());
      heard.add(engine.submit(requests.get(number)));
    }
    engine.executor.breakDownInStep(10);

    engine.runUntilEmpty();

    for (int number = 0; number < 5; number++) {
      if (number < 2) {
        assertThat(heard.get(number).failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
        assertThat(heard.get(number).failure()).hasMessageContaining("the fake engine failed");
      } else {
        assertThat(heard.get(number).tokens()).isEqualTo(engine.expected(requests.get(number), 0));
      }
    }
    assertThat(engine.stats().requestsFailed()).isEqualTo(2);
    engine.assertAllEnded();
  }

  @Test
  void anEngineThatBreaksDownEndsARequestWithTheSamplesThatWait() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    RecordingListener lost = engine.submit(request(1, 20, 30).ignoreEndOfSequence().samples(5));
    engine.turns(2);
    GenerationRequest.Builder later = request(2, 20, 30).samples(2);
    RecordingListener laterHeard = engine.submit(later);
    engine.executor.breakDownInStep(4);

    engine.runUntilEmpty();

    assertThat(lost.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(laterHeard.tokens(1)).isEqualTo(engine.expected(later, 1));
    engine.assertAllEnded();
  }

  @Test
  void whatLostItsSlotBeforeTheBreakdownGoesOn() throws Exception {
    EngineFixture engine = new EngineFixture(slots(2).sharedKv(300).storedPrefixTokens(200));
    GenerationRequest.Builder older = request(1, 40, 150).ignoreEndOfSequence();
    GenerationRequest.Builder newer = request(2, 40, 150).ignoreEndOfSequence();
    RecordingListener olderHeard = engine.submit(older);
    RecordingListener newerHeard = engine.submit(newer);
    while (engine.stats().preemptions() == 0) {
      engine.turn();
    }
    engine.executor.breakDownInStep(engine.executor.steps() + 2);

    engine.runUntilEmpty();

    assertThat(olderHeard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(newerHeard.tokens()).isEqualTo(engine.expected(newer, 0));
    engine.assertAllEnded();
  }

  @Test
  void anEngineThatAlwaysFailsEndsEachRequestOnce() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 7; number++) {
      heard.add(engine.submit(request(number, 20, 30).samples(1 + number % 3)));
    }
    engine.executor.breakDown();

    engine.runUntilEmpty();

    assertThat(heard)
        .extracting(listener -> listener.failure().code())
        .containsOnly(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(engine.stats().generationTokens()).isZero();
    engine.assertAllEnded();
  }

  @Test
  void logitsThatAreNoNumbersEndOneRequestAndFreeItsSiblings() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(4);
    GenerationRequest.Builder broken = seeded(1, 20, 30, 9).ignoreEndOfSequence().samples(3);
    GenerationRequest.Builder other = seeded(2, 20, 30, 9).ignoreEndOfSequence();
    RecordingListener brokenHeard = engine.submit(broken);
    RecordingListener otherHeard = engine.submit(other);
    engine.executor.breakLogitsOf(run -> run.sequenceId() == 1 && run.completionTokens() == 5);
    engine.turns(12);

    assertThat(brokenHeard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(brokenHeard.failure()).hasMessageContaining("not a number");
    assertThat(engine.stats().requestsRunning()).isEqualTo(1);
    RecordingListener again = engine.submit(broken);
    engine.runUntilEmpty();

    assertThat(otherHeard.tokens()).isEqualTo(engine.expected(other, 0));
    for (int sample = 0; sample < 3; sample++) {
      assertThat(again.tokens(sample)).isEqualTo(engine.expected(broken, sample));
    }
    engine.assertAllEnded();
  }

  @Test
  void siblingsThatWaitForASlotLeaveWithTheOneThatFailed() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    RecordingListener heard = engine.submit(request(1, 20, 30).samples(4));
    GenerationRequest.Builder next = request(2, 20, 10);
    RecordingListener nextHeard = engine.submit(next);
    engine.executor.breakLogitsOf(run -> run.sequenceId() == 0);

    engine.runUntilEmpty();

    assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(nextHeard.tokens()).isEqualTo(engine.expected(next, 0));
    engine.assertAllEnded();
  }

  @Test
  void allSamplesWithBrokenLogitsFailTheirRequestOnce() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(4);
    RecordingListener heard = engine.submit(request(1, 20, 30).samples(4));
    engine.executor.breakLogitsOf(run -> true);

    engine.runUntilEmpty();

    assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(engine.stats().requestsFailed()).isEqualTo(1);
    engine.assertAllEnded();
  }

  /** Arrivals, cancellations, deadlines, formats, adapters, guesses and faults at once. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyRequestEndsOnceWhateverHappens(long seed) throws Exception {
    Random random = new Random(seed);
    SchedulerConfig.Builder config =
        slots(4).speculation(4, 4).storedPrefixTokens(150).maxBatchTokens(64);
    if (seed % 2 == 0) {
      config.sharedKv(350);
    }
    EngineFixture engine =
        new EngineFixture(config.build(), new Speculator(new PromptLookup(), 4, 4), 1_000);
    engine.executor.failWhen(plan -> random.nextInt(60) == 0);
    engine.executor.usableWhen(() -> random.nextInt(4) > 0);
    engine.executor.breakLogitsOf(run -> random.nextInt(400) == 0);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    while (requests.size() < RANDOM_REQUESTS) {
      requests.add(randomRequest(random, engine));
      heard.add(engine.submit(requests.get(requests.size() - 1)));
      engine.turns(random.nextInt(12));
      engine.nowMs.addAndGet(random.nextInt(20));
      if (random.nextInt(4) == 0) {
        engine.cancel(heard.get(random.nextInt(heard.size())));
      }
    }

    engine.runUntilEmpty();

    int finished = 0;
    for (int index = 0; index < RANDOM_REQUESTS; index++) {
      RecordingListener listener = heard.get(index);
      for (int sample : listener.samples()) {
        assertThat(engine.expected(requests.get(index), sample))
            .as("seed %d, request %d, sample %d", seed, index, sample)
            .startsWith(listener.tokens(sample).toArray(Integer[]::new));
      }
      finished += listener.hasResult() ? 1 : 0;
    }
    assertThat(engine.stats().requestsFinished()).isEqualTo(finished);
    assertThat(finished).isBetween(1, RANDOM_REQUESTS - 1);
    engine.assertAllEnded();
  }

  @Test
  void anEngineThatBreaksARuleEndsTheLoopAndAllRequests() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      heard.add(engine.submit(request(number, 20, 30).samples(2)));
    }
    engine.executor.failWhen(
        plan -> {
          throw new IllegalArgumentException("a broken invariant");
        });

    EngineFixture.Started started = engine.start();

    assertThat(started.failure().get()).hasMessage("a broken invariant");
    assertThat(heard)
        .extracting(listener -> listener.failure().code())
        .containsOnly(RuntimeErrorCode.ENGINE_FAILURE);
    assertThat(engine.executor.isClosed()).isTrue();
    assertThat(engine.loop.inbox().isOpen()).isFalse();
    assertThat(engine.stats().requestsFailed()).isEqualTo(3);
    engine.assertAllEnded();
  }

  private static GenerationRequest.Builder randomRequest(Random random, EngineFixture engine) {
    int promptTokens = 5 + random.nextInt(60);
    int maxTokens = 1 + random.nextInt(80);
    int number = random.nextInt(6);
    GenerationRequest.Builder request =
        random.nextBoolean()
            ? request(number, promptTokens, maxTokens)
            : seeded(number, promptTokens, maxTokens, random.nextInt(1_000));
    request.samples(1 + random.nextInt(3)).priority(random.nextInt(3)).tenant("t" + number % 2);
    if (random.nextInt(4) == 0) {
      request.deadlineEpochMs(engine.nowMs.get() + random.nextInt(300));
    }
    if (random.nextInt(3) == 0) {
      request.adapter(EngineFixture.ADAPTERS.get(random.nextInt(2)));
    }
    if (random.nextInt(3) == 0) {
      request.output(new OutputFormat.Choice(List.of("a", "b")));
    }
    if (request.build().sampling().seed().isPresent() && random.nextInt(3) == 0) {
      request.resumption(randomResumption(random, engine, request));
    }
    return request;
  }

  /** Of each sample as many tokens as an interruption at any moment may have left. */
  private static Resumption randomResumption(
      Random random, EngineFixture engine, GenerationRequest.Builder request) {
    List<Resumption.Sample> given = new ArrayList<>();
    for (int sample = 0; sample < request.build().samples(); sample++) {
      List<Integer> whole = engine.expected(request, sample);
      List<Integer> made = whole.subList(0, random.nextInt(whole.size() + 1));
      given.add(Resumption.Sample.of(made.stream().mapToInt(Integer::intValue).toArray()));
    }
    return new Resumption(Optional.of(EngineFixture.SHA256), given);
  }
}
