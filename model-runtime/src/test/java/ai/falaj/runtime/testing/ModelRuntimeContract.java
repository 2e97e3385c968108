package ai.falaj.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link ModelRuntime} must do. One subclass per engine. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public abstract class ModelRuntimeContract extends SampleContract {

  @Test
  void tellsEveryTokenAndTheWholeTextBeforeTheEnd() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(endless("a", 12), listener);
      GenerationResult result = listener.awaitEnd().result();

      assertThat(listener.violations()).isEmpty();
      assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(result.effectiveMaxTokens()).isEqualTo(12);
      assertThat(result.usage().completionTokens()).isEqualTo(12);
      assertThat(listener.tokens()).hasSize(12);
      assertThat(listener.answer()).isEqualTo(result.answer());
      assertThat(listener.reasoning()).isEqualTo(result.reasoning());
      assertThat(result.usage().promptTokens()).isPositive();
      assertThat(result.timings().queueTimeMs())
          .isBetween(0L, result.timings().timeToFirstTokenMs());
      assertThat(result.timings().timeToFirstTokenMs())
          .isLessThanOrEqualTo(result.timings().totalTimeMs());
    }
  }

  @Test
  void givesTheSameGreedyAnswerAloneAndInABatch() throws Exception {
    try (ModelRuntime runtime = open(4, 100)) {
      RecordingListener alone = new RecordingListener();
      runtime.submit(endless("alone", 16), alone);
      String expected = alone.awaitEnd().result().answer();

      List<RecordingListener> batch = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        RecordingListener listener = new RecordingListener();
        batch.add(listener);
        runtime.submit(endless("batched-" + i, 16), listener);
      }
      for (RecordingListener listener : batch) {
        assertThat(listener.awaitEnd().result().answer()).isEqualTo(expected);
      }
    }
  }

  @Test
  void cancelEndsARunningRequestWithTheTextSoFar() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      GenerationHandle[] handle = new GenerationHandle[1];
      RecordingListener listener = new RecordingListener();
      handle[0] = runtime.submit(endless("a", runtime.info().contextTokensPerSequence()), listener);
      listener.awaitFirstTokens();
      handle[0].cancel();
      handle[0].cancel();
      GenerationResult result = listener.awaitEnd().result();

      // The context may have been full before the cancellation came.
      assertThat(result.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.LENGTH);
      assertThat(result.usage().completionTokens()).isEqualTo(listener.tokens().size());
      assertThat(result.answer()).isEqualTo(listener.answer());
      assertThat(listener.violations()).isEmpty();
    }
  }

  @Test
  void cancelEndsAWaitingRequestWithoutAToken() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      RecordingListener first = new RecordingListener();
      RecordingListener second = new RecordingListener();
      runtime.submit(endless("first", 32), first);
      runtime.submit(endless("second", 32), second).cancel();

      GenerationResult result = second.awaitEnd().result();
      assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(result.answer()).isEmpty();
      assertThat(result.usage().completionTokens()).isZero();
      assertThat(first.awaitEnd().result().finishReason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void cancelAfterTheEndDoesNothing() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      RecordingListener listener = new RecordingListener();
      GenerationHandle handle = runtime.submit(endless("a", 4), listener);
      listener.awaitEnd();
      handle.cancel();
      RecordingListener next = new RecordingListener();
      runtime.submit(endless("b", 4), next);
      next.awaitEnd();

      assertThat(listener.violations()).isEmpty();
      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(handle.requestId()).isEqualTo("a");
    }
  }

  @Test
  void refusesAnEmptyPrompt() throws Exception {
    assertThat(failureOf(GenerationRequest.of("a", chat("  "), SamplingParameters.greedy(4))))
        .isEqualTo(RuntimeErrorCode.EMPTY_PROMPT);
    assertThat(
            failureOf(
                GenerationRequest.of(
                    "a", new Prompt.Chat(List.of()), SamplingParameters.greedy(4))))
        .isEqualTo(RuntimeErrorCode.EMPTY_PROMPT);
  }

  @Test
  void refusesAPromptThatFillsTheContext() throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      RecordingListener listener = new RecordingListener();
      String prompt = "word ".repeat(runtime.info().contextTokensPerSequence() + 1);
      runtime.submit(
          GenerationRequest.of("long", chat(prompt), SamplingParameters.greedy(4)), listener);
      GenerationException failure = listener.awaitEnd().failure();

      assertThat(failure.code()).isEqualTo(RuntimeErrorCode.PROMPT_TOO_LONG);
      assertThat(failure.requestId()).isEqualTo("long");
      assertThat(failure.getMessage())
          .contains(String.valueOf(runtime.info().contextTokensPerSequence()))
          .doesNotContain("word word");
    }
  }

  @Test
  void refusesAModelThatIsNotLoaded() throws Exception {
    GenerationRequest request =
        GenerationRequest.builder("a", chat("hello"))
            .model("no-such-model")
            .sampling(SamplingParameters.greedy(4))
            .build();
    assertThat(failureOf(request)).isEqualTo(RuntimeErrorCode.UNKNOWN_MODEL);
  }

  @Test
  void failsARequestWhoseDeadlineHasPassed() throws Exception {
    GenerationRequest request =
        GenerationRequest.builder("a", chat("hello"))
            .sampling(SamplingParameters.greedy(4))
            .deadlineEpochMs(System.currentTimeMillis() - 1)
            .build();
    assertThat(failureOf(request)).isEqualTo(RuntimeErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void refusesMoreThanItsWaitingQueueHolds() throws Exception {
    try (ModelRuntime runtime = open(1, 2)) {
      List<RecordingListener> accepted = new ArrayList<>();
      RecordingListener refused = new RecordingListener();
      assertThatThrownBy(
              () -> {
                // One runs and two wait, if none of them ends before the loop does.
                for (int i = 0; i < 1_000; i++) {
                  RecordingListener listener = i < 3 ? new RecordingListener() : refused;
                  runtime.submit(endless("r" + i, 32), listener);
                  accepted.add(listener);
                }
              })
          .isInstanceOfSatisfying(
              GenerationException.class,
              failure -> assertThat(failure.code()).isEqualTo(RuntimeErrorCode.OVERLOADED));
      assertThat(accepted).hasSizeGreaterThanOrEqualTo(2);
      for (RecordingListener listener : accepted) {
        listener.awaitEnd();
      }
    }
  }

  @Test
  void closeEndsAllRequestsAndRefusesNewOnes() throws Exception {
    ModelRuntime runtime = open(1, 10);
    List<RecordingListener> listeners = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      RecordingListener listener = new RecordingListener();
      listeners.add(listener);
      runtime.submit(endless("r" + i, runtime.info().contextTokensPerSequence()), listener);
    }
    runtime.close();
    runtime.close();

    assertThat(listeners).allMatch(RecordingListener::ended);
    assertThat(listeners).allSatisfy(listener -> assertThat(listener.violations()).isEmpty());
    assertThat(listeners.get(4).failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
    RecordingListener late = new RecordingListener();
    assertThatThrownBy(() -> runtime.submit(endless("late", 4), late))
        .isInstanceOfSatisfying(
            GenerationException.class,
            failure -> assertThat(failure.code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED));
    assertThat(late.ended()).isFalse();
  }

  @Test
  void aFailingListenerDisturbsNoOtherRequest() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener healthy = new RecordingListener();
      RecordingListener failing = new RecordingListener();
      runtime.submit(endless("failing", 8), throwingAfter(failing));
      runtime.submit(endless("healthy", 8), healthy);

      assertThat(healthy.awaitEnd().result().usage().completionTokens()).isEqualTo(8);
      failing.awaitEnd();
    }
  }

  @Test
  void countsWhatItDid() throws Exception {
    try (ModelRuntime runtime = open(2, 10)) {
      RecordingListener good = new RecordingListener();
      RecordingListener bad = new RecordingListener();
      runtime.submit(endless("good", 8), good);
      runtime.submit(GenerationRequest.of("bad", chat(""), SamplingParameters.greedy(4)), bad);
      long promptTokens = good.awaitEnd().result().usage().promptTokens();
      bad.awaitEnd();
      RecordingListener last = new RecordingListener();
      runtime.submit(endless("last", 1), last);
      last.awaitEnd();

      // At most one step old: the last request may or may not be in it.
      assertThat(runtime.stats().requestsFinished()).isBetween(1L, 2L);
      assertThat(runtime.stats().requestsFailed()).isEqualTo(1);
      assertThat(runtime.stats().generationTokens()).isBetween(8L, 9L);
      assertThat(runtime.stats().promptTokens() + runtime.stats().prefixCacheHitTokens())
          .isGreaterThanOrEqualTo(promptTokens);
      assertThat(runtime.stats().steps()).isGreaterThanOrEqualTo(8);
    }
  }

  @Test
  void endsEachOfManyRequestsFromManyThreadsExactlyOnce() throws Exception {
    try (ModelRuntime runtime = open(4, 1_000)) {
      List<RecordingListener> listeners = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        List<RecordingListener> own = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          own.add(new RecordingListener());
        }
        listeners.addAll(own);
        Thread thread =
            new Thread(
                () -> {
                  for (RecordingListener listener : own) {
                    submitOrThrow(runtime, endless("r", 6), listener);
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (RecordingListener listener : listeners) {
        assertThat(listener.awaitEnd().result().usage().completionTokens()).isEqualTo(6);
        assertThat(listener.violations()).isEmpty();
      }
    }
  }

  private RuntimeErrorCode failureOf(GenerationRequest request) throws Exception {
    try (ModelRuntime runtime = open(1, 10)) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(request, listener);
      listener.awaitEnd();
      assertThat(listener.violations()).isEmpty();
      return listener.failure().code();
    }
  }

  private static void submitOrThrow(
      ModelRuntime runtime, GenerationRequest request, RecordingListener listener) {
    try {
      runtime.submit(request, listener);
    } catch (GenerationException refused) {
      throw new AssertionError(refused);
    }
  }

  private static GenerationListener throwingAfter(RecordingListener recording) {
    return new GenerationListener() {
      @Override
      public void onTokens(TokenDelta delta) {
        throw new IllegalStateException("thrown by the test");
      }

      @Override
      public void onFinished(GenerationResult result) {
        recording.onFinished(result);
      }

      @Override
      public void onFailed(GenerationException failure) {
        recording.onFailed(failure);
      }
    };
  }

  /** A greedy request that generates exactly so many tokens. */
  protected static GenerationRequest endless(String requestId, int tokens) {
    return GenerationRequest.builder(requestId, chat("Tell me about water"))
        .sampling(SamplingParameters.greedy(tokens))
        .ignoreEndOfSequence()
        .build();
  }

  protected static Prompt.Chat chat(String text) {
    return new Prompt.Chat(List.of(new ChatMessage("user", text)));
  }
}
