package ai.falaj.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.SamplingParameters;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FakeRuntimeTest extends ResumptionContract {

  @Override
  protected ModelRuntime open(int maxSequences, int maxWaiting) throws Exception {
    return FakeRuntimeSpec.builder("fake")
        .maxSequences(maxSequences)
        .maxWaiting(maxWaiting)
        .contextTokens(512)
        .stepDelay(Duration.ofMillis(1))
        .build()
        .open();
  }

  private final AtomicLong clockMs = new AtomicLong(1_000);

  private FakeRuntime drivenByTest(FakeRuntimeSpec.Builder builder) {
    return new FakeRuntime(builder.drivenByTest().build(), clockMs::get);
  }

  private static GenerationRequest say(String requestId, String text) {
    return GenerationRequest.of(requestId, chat(text), SamplingParameters.greedy(100));
  }

  @Test
  void answersWithThePromptAndEndsItsTurn() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").reasoning())) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(say("a", "good morning"), listener);
      runtime.runUntilIdle();

      assertThat(listener.result().answer()).isEqualTo("You said: good morning");
      assertThat(listener.result().reasoning()).isEqualTo("thought0 thought1 thought2");
      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(listener.result().usage().reasoningTokens()).isEqualTo(3);
      assertThat(listener.tokens()).hasSize(8).endsWith(FakeSample.END_OF_TURN);
    }
  }

  @Test
  void generatesOneTokenOfEachRunningRequestPerStep() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").maxSequences(2))) {
      List<RecordingListener> listeners =
          List.of(new RecordingListener(), new RecordingListener(), new RecordingListener());
      for (RecordingListener listener : listeners) {
        runtime.submit(endless("r", 3), listener);
      }
      runtime.step();

      assertThat(listeners).extracting(l -> l.tokens().size()).containsExactly(1, 1, 0);
      assertThat(runtime.stats().requestsWaiting()).isEqualTo(1);
      assertThat(runtime.maxRunning()).isEqualTo(2);
    }
  }

  @Test
  void failsTheSubmissionThatTheTestNames() throws Exception {
    InjectedFailure failure = new InjectedFailure("a", 1, RuntimeErrorCode.ENGINE_FAILURE, 2);
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").fail(failure))) {
      RecordingListener first = new RecordingListener();
      RecordingListener second = new RecordingListener();
      runtime.submit(say("a", "hello"), first);
      runtime.submit(say("a", "hello"), second);
      runtime.runUntilIdle();

      assertThat(first.failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
      assertThat(first.tokens()).hasSize(2);
      assertThat(second.result().answer()).isEqualTo("You said: hello");
    }
  }

  @Test
  void endsWithTheTextSoFarWhenTheDeadlinePassesBetweenTokens() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake"))) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(
          GenerationRequest.builder("a", chat("hello"))
              .sampling(SamplingParameters.greedy(100))
              .deadlineEpochMs(2_000)
              .build(),
          listener);
      runtime.step();
      clockMs.set(2_000);
      runtime.step();

      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.DEADLINE);
      assertThat(listener.result().answer()).isEqualTo("You");
    }
  }

  @Test
  void hangsUntilItIsCancelled() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").hang("a"))) {
      RecordingListener listener = new RecordingListener();
      var handle = runtime.submit(say("a", "hello"), listener);
      assertThat(runtime.step()).isFalse();
      assertThat(listener.ended()).isFalse();
      handle.cancel();
      runtime.runUntilIdle();

      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void stopStringsAreNotPartOfTheAnswer() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake"))) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(
          GenerationRequest.of(
              "a",
              chat("one two three"),
              SamplingParameters.builder().stop(List.of("two")).build()),
          listener);
      runtime.runUntilIdle();

      assertThat(listener.result().answer()).isEqualTo("You said: one");
      assertThat(listener.result().finishReason()).isEqualTo(FinishReason.STOP);
    }
  }

  @Test
  void samplesStartInOrderAsSequencesBecomeFree() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").maxSequences(3))) {
      List<RecordingListener> listeners =
          List.of(new RecordingListener(), new RecordingListener(), new RecordingListener());
      runtime.submit(samples("two", 2), listeners.get(0));
      runtime.submit(samples("three", 3), listeners.get(1));
      runtime.submit(samples("one", 1), listeners.get(2));
      runtime.step();

      assertThat(listeners).extracting(l -> l.samples().size()).containsExactly(2, 1, 0);
      runtime.runUntilIdle();
      assertThat(listeners).extracting(l -> l.result().samples().size()).containsExactly(2, 3, 1);
    }
  }

  @Test
  void writesAsMuchReasoningAsTheBudgetAllows() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").reasoning())) {
      RecordingListener listener = new RecordingListener();
      runtime.submit(
          GenerationRequest.builder("a", chat("hello")).reasoningBudgetTokens(1).build(), listener);
      runtime.runUntilIdle();

      assertThat(listener.result().reasoning()).isEqualTo("thought0");
      assertThat(listener.result().answer()).isEqualTo("You said: hello");
    }
  }

  @Test
  void keepsWhatItReceived() throws Exception {
    try (FakeRuntime runtime = drivenByTest(FakeRuntimeSpec.builder("fake").adapter("legal"))) {
      GenerationRequest request =
          GenerationRequest.builder("a", chat("hello")).tenant("t").adapter("legal").build();
      RecordingListener listener = new RecordingListener();
      runtime.submit(request, listener);
      runtime.runUntilIdle();

      assertThat(listener.result().answer()).isEqualTo("You said: hello");
      assertThat(runtime.received()).containsExactly(request);
    }
  }

  private static GenerationRequest samples(String requestId, int samples) {
    return GenerationRequest.builder(requestId, chat("hello")).samples(samples).build();
  }

  @Test
  void failsToLoadWhereTheSpecSaysSo() {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("fake").failLoading("no such file").build();

    assertThatThrownBy(spec::open)
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessage("no such file");
  }
}
