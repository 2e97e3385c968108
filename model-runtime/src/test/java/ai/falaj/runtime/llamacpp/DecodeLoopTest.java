package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;
import static ai.falaj.runtime.llamacpp.EngineFixture.seeded;
import static ai.falaj.runtime.llamacpp.EngineFixture.slots;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.scheduler.TenantShare;
import ai.falaj.runtime.scheduler.TokenBudget;
import ai.falaj.runtime.testing.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests get of the loop while the engine works: texts, samples, deadlines, budgets. */
class DecodeLoopTest {

  private static final TokenBudget FORTY_A_MINUTE = new TokenBudget(40, Duration.ofMinutes(1));

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void textsDoNotDependOnWhatElseIsInTheBatch(boolean sharedKv) throws Exception {
    EngineFixture engine =
        new EngineFixture(
            sharedKv ? slots(4).sharedKv(4 * EngineFixture.CONTEXT_TOKENS) : slots(4));
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 20; number++) {
      requests.add(
          number % 3 == 0 ? request(number, 8, 50) : seeded(number % 5, 8 + number, 50, number));
      heard.add(engine.submit(requests.get(number)));
      engine.turns(number % 4);
    }

    engine.runUntilEmpty();

    for (int number = 0; number < 20; number++) {
      assertThat(heard.get(number).tokens()).isEqualTo(engine.expected(requests.get(number), 0));
      int last = heard.get(number).tokens().get(heard.get(number).tokens().size() - 1);
      assertThat(heard.get(number).result().finishReason())
          .isEqualTo(
              last == engine.language.tokens().endOfTurn()
                  ? FinishReason.STOP
                  : FinishReason.LENGTH);
    }
    assertThat(engine.executor.largestBatch()).isEqualTo(4);
    assertThat(engine.stats().prefixCacheHitTokens()).isPositive();
    engine.assertAllEnded();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void textsSurvivePreemption(int samples) throws Exception {
    EngineFixture engine = new EngineFixture(slots(4).sharedKv(300).storedPrefixTokens(200));
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 6; number++) {
      requests.add(seeded(number, 40, 120, number).ignoreEndOfSequence().samples(samples));
      heard.add(engine.submit(requests.get(number)));
    }

    engine.runUntilEmpty();

    assertThat(engine.stats().preemptions()).isPositive();
    for (int number = 0; number < 6; number++) {
      for (int sample = 0; sample < samples; sample++) {
        assertThat(heard.get(number).tokens(sample))
            .isEqualTo(engine.expected(requests.get(number), sample));
      }
    }
    engine.assertAllEnded();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void samplesAreToldApartAndEndTogether(int slots) throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(slots);
    GenerationRequest.Builder request = seeded(3, 30, 25, 41).samples(3);

    RecordingListener heard = engine.submit(request);
    engine.runUntilEmpty();

    GenerationResult result = heard.result();
    assertThat(result.samples()).hasSize(3);
    assertThat(result.seed()).isEqualTo(41);
    int completionTokens = 0;
    for (int sample = 0; sample < 3; sample++) {
      assertThat(heard.tokens(sample)).isEqualTo(engine.expected(request, sample));
      assertThat(heard.answer(sample)).isEqualTo(result.samples().get(sample).answer());
      assertThat(result.samples().get(sample).completionTokens())
          .isEqualTo(heard.tokens(sample).size());
      completionTokens += heard.tokens(sample).size();
    }
    assertThat(heard.tokens(0)).isNotEqualTo(heard.tokens(1));
    assertThat(result.usage().promptTokens()).isEqualTo(30);
    assertThat(result.usage().cachedTokens()).isZero();
    assertThat(result.usage().completionTokens()).isEqualTo(completionTokens);
    assertThat(engine.stats().requestsFinished()).isEqualTo(1);
    assertThat(engine.stats().generationTokens()).isEqualTo(completionTokens);
    engine.assertAllEnded();
  }

  @Test
  void countsARequestAsWaitingUntilItsFirstSampleBegins() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    engine.submit(request(1, 5, 20).ignoreEndOfSequence().samples(3));
    RecordingListener cancelled = engine.submit(request(2, 5, 20).samples(2));
    engine.submit(request(3, 5, 20).samples(2));
    engine.submit(request(4, 5, 20).adapter("unheard of").samples(2));
    assertThat(engine.loop.inbox().waiting()).isEqualTo(4);

    engine.turn();
    assertThat(engine.loop.inbox().waiting()).isEqualTo(2);
    assertThat(engine.stats().requestsWaiting()).isEqualTo(2);

    engine.cancel(cancelled);
    engine.turn();
    assertThat(engine.stats().requestsWaiting()).isEqualTo(1);

    engine.runUntilEmpty();
    assertThat(cancelled.result().samples())
        .extracting(Sample::finishReason)
        .containsOnly(FinishReason.CANCELLED);
    assertThat(cancelled.samples()).isEmpty();
    engine.assertAllEnded();
  }

  @Test
  void cancellationEndsAllSamplesWithTheTextSoFar() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    GenerationRequest.Builder request = seeded(1, 20, 60, 5).ignoreEndOfSequence().samples(4);
    RecordingListener heard = engine.submit(request);
    engine.turns(8);

    engine.cancel(heard);
    engine.turn();

    assertThat(heard.result().samples())
        .extracting(Sample::finishReason)
        .containsOnly(FinishReason.CANCELLED);
    assertThat(heard.tokens(0)).isEqualTo(engine.expected(request, 0).subList(0, 8));
    assertThat(heard.tokens(3)).isEmpty();
    GenerationRequest.Builder next = request(1, 20, 20);
    RecordingListener nextHeard = engine.submit(next);
    engine.cancel(heard);
    engine.runUntilEmpty();
    assertThat(nextHeard.tokens()).isEqualTo(engine.expected(next, 0));
    engine.assertAllEnded();
  }

  @Test
  void cancellingWhatIsUnknownChangesNothing() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    engine.loop.inbox().cancel(77);
    RecordingListener heard = engine.submit(request(1, 5, 5));
    engine.loop.inbox().cancel(-1);

    engine.runUntilEmpty();

    assertThat(heard.result().finishReason()).isIn(FinishReason.LENGTH, FinishReason.STOP);
    engine.assertAllEnded();
  }

  @Test
  void refusesWhatCannotBeginBeforeItsDeadline() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    RecordingListener late = engine.submit(request(1, 5, 5).deadlineEpochMs(engine.nowMs.get()));
    RecordingListener running = engine.submit(request(2, 5, 50).ignoreEndOfSequence());
    RecordingListener impatient =
        engine.submit(request(3, 5, 5).samples(3).deadlineEpochMs(engine.nowMs.get() + 100));
    engine.turns(3);
    assertThat(late.failure().code()).isEqualTo(RuntimeErrorCode.DEADLINE_EXCEEDED);
    assertThat(impatient.ended()).isFalse();

    engine.nowMs.addAndGet(100);
    engine.turn();

    assertThat(impatient.failure().code()).isEqualTo(RuntimeErrorCode.DEADLINE_EXCEEDED);
    engine.runUntilEmpty();
    assertThat(running.tokens()).hasSize(50);
    assertThat(engine.stats().requestsFailed()).isEqualTo(2);
    engine.assertAllEnded();
  }

  @Test
  void deadlineCutsWhatRunsAndKeepsItsText() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    GenerationRequest.Builder request =
        request(1, 5, 50).ignoreEndOfSequence().deadlineEpochMs(engine.nowMs.get() + 100);
    RecordingListener heard = engine.submit(request);
    engine.turns(10);

    engine.nowMs.addAndGet(100);
    engine.turn();

    assertThat(heard.result().finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThat(heard.tokens()).isEqualTo(engine.expected(request, 0).subList(0, 10));
    assertThat(heard.answer()).isEqualTo(heard.result().answer()).isNotEmpty();
    engine.assertAllEnded();
  }

  @Test
  void deadlineFindsSamplesFinishedRunningAndWaiting() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    GenerationRequest.Builder request =
        seeded(1, 5, 10, 3)
            .ignoreEndOfSequence()
            .samples(3)
            .deadlineEpochMs(engine.nowMs.get() + 100);
    RecordingListener heard = engine.submit(request);
    engine.turns(14);

    engine.nowMs.addAndGet(100);
    engine.turn();

    assertThat(heard.result().samples())
        .extracting(Sample::finishReason)
        .containsExactly(FinishReason.LENGTH, FinishReason.DEADLINE, FinishReason.DEADLINE);
    assertThat(heard.result().samples())
        .extracting(Sample::completionTokens)
        .containsExactly(10, 4, 0);
    engine.assertAllEnded();
  }

  @Test
  void sleepsUntilTheNextDeadlineOrBudget() throws Exception {
    EngineFixture engine =
        new EngineFixture(slots(1).tenants(List.of(new TenantShare("small", 1, FORTY_A_MINUTE))));
    engine.turn();
    assertThat(engine.loop.pauseMs()).isEqualTo(60_000);
    GenerationRequest.Builder request = request(1, 10, 20).ignoreEndOfSequence().tenant("small");
    RecordingListener first = engine.submit(request);
    RecordingListener second = engine.submit(request);
    engine.turns(30);
    assertThat(first.ended()).isTrue();
    assertThat(second.ended()).isFalse();
    assertThat(engine.loop.advance()).isFalse();
    assertThat(engine.stats().requestsWaiting()).isEqualTo(1);
    // The clock shows 1,000,000 ms; the next minute begins at 1,020,000.
    assertThat(engine.loop.pauseMs()).isEqualTo(20_000);

    RecordingListener third =
        engine.submit(
            request(1, 10, 20).tenant("small").deadlineEpochMs(engine.nowMs.get() + 5_000));
    engine.turn();
    assertThat(engine.loop.pauseMs()).isEqualTo(5_000);
    engine.nowMs.addAndGet(5_000);
    engine.turn();
    assertThat(third.failure().code()).isEqualTo(RuntimeErrorCode.DEADLINE_EXCEEDED);

    engine.nowMs.addAndGet(15_000);
    engine.runUntilEmpty();
    assertThat(second.tokens()).isEqualTo(engine.expected(request, 0));
    engine.assertAllEnded();
  }

  @Test
  @Timeout(60)
  void wakesUpByItselfWhenABudgetIsRenewed() throws Exception {
    TokenBudget budget = new TokenBudget(40, Duration.ofMillis(200));
    EngineFixture engine =
        new EngineFixture(slots(1).tenants(List.of(new TenantShare("small", 1, budget))));
    engine.useWallClock();
    EngineFixture.Started started = engine.start();

    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 4; number++) {
      heard.add(engine.submit(request(number, 10, 20).ignoreEndOfSequence().tenant("small")));
    }
    for (RecordingListener listener : heard) {
      assertThat(listener.awaitEnd().tokens()).hasSize(20);
    }

    engine.loop.inbox().stop();
    assertThat(started.failure().get()).isNull();
    engine.assertAllEnded();
  }

  @Test
  void refusesWhatNoBudgetWillEverPay() throws Exception {
    EngineFixture engine =
        new EngineFixture(slots(1).tenants(List.of(new TenantShare("small", 1, FORTY_A_MINUTE))));

    RecordingListener heard =
        engine.submit(
            request(1, 10, 31)
                .tenant("small")
                .output(new OutputFormat.Choice(List.of("a", "b")))
                .samples(2));
    engine.runUntilEmpty();

    assertThat(heard.failure().code()).isEqualTo(RuntimeErrorCode.BUDGET_EXCEEDED);
    assertThat(heard.failure()).hasMessageContaining("41 tokens").hasMessageContaining("40");
    engine.assertAllEnded();
  }

  @Test
  void servesHigherPrioritiesFirst() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    List<String> order = new ArrayList<>();
    submit(engine, request(1, 5, 5), order);
    submit(engine, request(2, 5, 5), order);
    submit(engine, request(3, 5, 5).priority(2), order);
    submit(engine, request(4, 5, 5).priority(1), order);

    engine.runUntilEmpty();

    assertThat(order).containsExactly("request-3", "request-4", "request-1", "request-2");
  }

  @Test
  void aTenantThatFloodsDoesNotKeepAnotherWaiting() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(1);
    List<String> order = new ArrayList<>();
    for (int number = 0; number < 6; number++) {
      submit(engine, request(number, 5, 5).tenant("flood"), order);
    }
    engine.turn();
    submit(engine, request(9, 5, 5).tenant("other"), order);

    engine.runUntilEmpty();

    assertThat(order.indexOf("request-9")).isLessThanOrEqualTo(1);
  }

  @Test
  void computesEachAdapterApart() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(4);
    List<GenerationRequest.Builder> requests = new ArrayList<>();
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 12; number++) {
      GenerationRequest.Builder request = request(1, 40, 20).samples(1 + number % 2);
      if (number % 3 > 0) {
        request.adapter(EngineFixture.ADAPTERS.get(number % 3 - 1));
      }
      requests.add(request);
      heard.add(engine.submit(request));
    }
    RecordingListener unknown = engine.submit(request(1, 40, 20).adapter("cookery"));

    engine.runUntilEmpty();

    for (int number = 0; number < 12; number++) {
      assertThat(heard.get(number).tokens()).isEqualTo(engine.expected(requests.get(number), 0));
    }
    assertThat(heard.get(0).tokens()).isNotEqualTo(heard.get(1).tokens());
    assertThat(heard.get(1).tokens()).isNotEqualTo(heard.get(2).tokens());
    assertThat(unknown.failure().code()).isEqualTo(RuntimeErrorCode.UNKNOWN_MODEL);
    assertThat(unknown.failure()).hasMessageContaining("cookery").hasMessageContaining("law");
    engine.assertAllEnded();
  }

  @Test
  void listenersThatThrowHarmOnlyThemselves() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(3);
    List<RecordingListener> heard = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      RecordingListener listener = new RecordingListener();
      engine.submit(
          request(number, 5, 10).ignoreEndOfSequence(), throwing(listener, number), listener);
      heard.add(listener);
    }
    GenerationRequest.Builder calm = request(4, 5, 10).ignoreEndOfSequence();
    RecordingListener calmHeard = engine.submit(calm);

    engine.runUntilEmpty();

    heard.forEach(listener -> assertThat(listener.tokens()).hasSize(10));
    assertThat(calmHeard.tokens()).isEqualTo(engine.expected(calm, 0));
    engine.assertAllEnded();
  }

  @Test
  void releasesAFormatsConstraintHoweverTheRequestEnds() throws Exception {
    EngineFixture engine = EngineFixture.ofSlots(2);
    OutputFormat choice = new OutputFormat.Choice(List.of("a", "b"));
    engine.submit(request(1, 5, 10).output(choice));
    RecordingListener cancelled = engine.submit(request(2, 5, 100).output(choice).samples(2));
    engine.submit(request(3, 5, 10).output(choice).ignoreEndOfSequence());
    engine.turns(2);
    engine.cancel(cancelled);

    engine.runUntilEmpty();

    engine.assertAllEnded();
  }

  private static void submit(
      EngineFixture engine, GenerationRequest.Builder request, List<String> order)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    String id = request.build().requestId();
    engine.submit(request, new Forwarding(listener, () -> addOnce(order, id)), listener);
  }

  private static void addOnce(List<String> order, String id) {
    if (!order.contains(id)) {
      order.add(id);
    }
  }

  /** Tells another listener, then throws what {@code kind} says. */
  private static GenerationListener throwing(RecordingListener listener, int kind) {
    return new Forwarding(
        listener,
        () -> {
          switch (kind) {
            case 0 -> throw new IllegalStateException("thrown by a listener");
            case 1 -> throw new NoClassDefFoundError("thrown by a listener");
            default -> throw new AssertionError("thrown by a listener");
          }
        });
  }

  /** Tells another listener, and does something after every start, token and end. */
  private record Forwarding(RecordingListener to, Runnable then) implements GenerationListener {

    @Override
    public void onStarted() {
      to.onStarted();
      then.run();
    }

    @Override
    public void onTokens(TokenDelta delta) {
      to.onTokens(delta);
      then.run();
    }

    @Override
    public void onFinished(GenerationResult result) {
      to.onFinished(result);
      then.run();
    }

    @Override
    public void onFailed(GenerationException failure) {
      to.onFailed(failure);
      then.run();
    }
  }
}
