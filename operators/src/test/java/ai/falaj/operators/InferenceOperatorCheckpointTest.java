package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceOperatorCheckpointTest {

  private static final int MAX_PARALLELISM = 16;
  private static final InferenceOptions OPTIONS = InferenceOptions.DEFAULT;

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private OperatorFixture create(FakeRuntimeSpec.Builder spec, InferenceOptions options)
      throws Exception {
    return new OperatorFixture(spec.build(), options);
  }

  @Test
  void goesOnWithWhatWasInFlightAsAHigherAttempt() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", "one two three"), 5);
      operator.runtime().step();
      operator.runtime().step();
      operator.runMails();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();

      Completion completion = restored.completions().get(0);
      assertThat(completion.getAnswer()).isEqualTo("You said: one two three");
      assertThat(completion.getProvenance().getAttempts()).isEqualTo(2);
      assertThat(restored.harness().extractOutputStreamRecords().get(0).getTimestamp())
          .isEqualTo(5);
      assertThat(restored.chunks())
          .extracting(
              CompletionChunk::getAttempt,
              CompletionChunk::getSequence,
              CompletionChunk::getTokenOffset)
          .containsExactly(tuple(2, 0, 2));
    }
  }

  @Test
  void stateHoldsTheTokensThatWereGenerated() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", "one two three"));
      operator.runtime().step();
      operator.runMails();
      operator.runtime().step();
      operator.runMails();
      List<InFlightRequest> state = inFlight(operator);

      assertThat(state).hasSize(1);
      assertThat(state.get(0).samples())
          .extracting(sample -> sample.tokens().size(), SampleProgress::emittedTokens)
          .containsExactly(tuple(2, 2));
      assertThat(state.get(0).attempt()).isEqualTo(1);
      assertThat(state.get(0).generations()).isEqualTo(1);
    }
  }

  @Test
  void stateHoldsTheTokensOfEachSampleAndAllGoOn() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.samples("r1", "one two", 3));
      operator.runtime().step();
      operator.runMails();
      operator.runtime().step();
      operator.runMails();
      state = operator.harness().snapshot(1, 1);
      assertThat(StateReader.read(state).get(0).samples())
          .extracting(sample -> sample.tokens().size(), SampleProgress::emittedTokens)
          .containsExactly(tuple(2, 2), tuple(2, 2), tuple(2, 2));
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();

      assertThat(restored.completions().get(0).getSamples())
          .extracting(CompletionSample::getAnswer)
          .containsExactly("You said: one two", "You said: one two #1", "You said: one two #2");
      assertThat(restored.chunks())
          .extracting(
              CompletionChunk::getSample,
              CompletionChunk::getAttempt,
              CompletionChunk::getTokenOffset)
          .containsExactlyInAnyOrder(tuple(0, 2, 2), tuple(1, 2, 2), tuple(2, 2, 2));
    }
  }

  @Test
  void forgetsWhatHasLeft() throws Exception {
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", "hello"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1");
      assertThat(inFlight(operator)).isEmpty();
    }
  }

  @Test
  void doesNotGenerateAResultAgainThatOnlyWaitedForItsTurn() throws Exception {
    OperatorSubtaskState state;
    InferenceOptions ordered = OPTIONS.withOrder(ResultOrder.ORDERED);
    try (OperatorFixture operator = create(fake().hang("slow"), ordered).open()) {
      operator.process(Prompts.record("slow", "one"));
      operator.process(Prompts.record("fast", "two"));
      operator.runToIdle();
      assertThat(operator.completions()).isEmpty();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), ordered).restore(state)) {
      assertThat(restored.runtime().received())
          .extracting(request -> request.requestId())
          .containsExactly("slow");
      restored.runToIdle();
      assertThat(restored.completedIds()).containsExactly("slow", "fast");
      assertThat(restored.completions().get(1).getProvenance().getAttempts()).isEqualTo(1);
    }
  }

  @Test
  void aCancelledRequestStaysCancelled() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.runtime().step();
      operator.process(Prompts.cancellation("r1"));
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      assertThat(restored.runtime().received()).isEmpty();
      assertThat(restored.completions())
          .extracting(Completion::getFinishReason)
          .containsExactly(FinishReason.CANCELLED);
    }
  }

  @Test
  void failuresCountAcrossRestarts() throws Exception {
    InjectedFailure always =
        new InjectedFailure(
            "r1", InjectedFailure.EVERY_SUBMISSION, RuntimeErrorCode.ENGINE_FAILURE, 0);
    InferenceOptions twoAttempts =
        OPTIONS.withRetry(new RetryPolicy(2, Duration.ofMillis(10), Duration.ofMillis(10)));
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake().fail(always), twoAttempts).open()) {
      operator.process(Prompts.record("r1", "one"));
      operator.runToIdle();
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = create(fake().fail(always), twoAttempts).restore(state)) {
      restored.runToIdle();
      assertThat(restored.deadLetters().get(0).getErrorCode())
          .isEqualTo(ErrorCode.RETRIES_EXHAUSTED);
    }
  }

  @Test
  void deadLettersARestoredRequestThatTheJobNoLongerServes() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      var request = Prompts.request("r1", "one");
      request.setModel(model);
      operator.process(Prompts.record("r1", "r1", request));
      state = operator.harness().snapshot(1, 1);
    }
    FakeRuntimeSpec.Builder other = FakeRuntimeSpec.builder("another model").drivenByTest();
    try (OperatorFixture restored = create(other, OPTIONS).restore(state)) {
      assertThat(restored.deadLetters().get(0).getErrorCode()).isEqualTo(ErrorCode.UNKNOWN_MODEL);
      restored.harness().endInput();
    }
  }

  @Test
  void restoredRequestsComeBeforeNewOnesAndWithinTheBound() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = create(fake(), OPTIONS).open()) {
      for (int i = 0; i < 5; i++) {
        operator.process(Prompts.record("old" + i, "one"));
      }
      state = operator.harness().snapshot(1, 1);
    }
    FakeRuntimeSpec.Builder threaded =
        FakeRuntimeSpec.builder(model).stepDelay(Duration.ofMillis(1));
    try (OperatorFixture restored = create(threaded, OPTIONS.withMaxInFlight(2)).restore(state)) {
      restored.process(Prompts.record("new", "one"));
      restored.harness().endInput();

      assertThat(restored.runtime().received())
          .extracting(request -> request.requestId())
          .containsExactly("old0", "old1", "old2", "old3", "old4", "new");
      assertThat(restored.runtime().maxInRuntime()).isEqualTo(2);
      assertThat(restored.completedIds()).hasSize(6).doesNotHaveDuplicates();
    }
  }

  @Test
  void rescalingFromTwoToThreeToOneLosesAndRepeatsNothing() throws Exception {
    List<OperatorSubtaskState> two = new ArrayList<>();
    for (int subtask = 0; subtask < 2; subtask++) {
      try (OperatorFixture operator =
          new OperatorFixture(fake().build(), OPTIONS, 2, subtask).open()) {
        for (int i = 0; i < 7; i++) {
          operator.process(Prompts.record("s" + subtask + "r" + i, "one"));
        }
        two.add(operator.harness().snapshot(1, 1));
      }
    }
    List<OperatorSubtaskState> three = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    OperatorSubtaskState all = repackage(two);
    for (int subtask = 0; subtask < 3; subtask++) {
      OperatorSubtaskState own =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              all, MAX_PARALLELISM, 2, 3, subtask);
      try (OperatorFixture operator =
          new OperatorFixture(fake().build(), OPTIONS, 3, subtask).restore(own)) {
        sizes.add(inFlight(operator).size());
        three.add(operator.harness().snapshot(2, 2));
      }
    }
    assertThat(sizes).allSatisfy(size -> assertThat(size).isBetween(4, 5));
    OperatorSubtaskState one =
        AbstractStreamOperatorTestHarness.repartitionOperatorState(
            repackage(three), MAX_PARALLELISM, 3, 1, 0);
    try (OperatorFixture operator = create(fake(), OPTIONS).restore(one)) {
      operator.runToIdle();
      assertThat(operator.completedIds()).hasSize(14).doesNotHaveDuplicates();
      assertThat(operator.completions())
          .extracting(completion -> completion.getProvenance().getAttempts())
          .containsOnly(3);
    }
  }

  /** Written by the first release; every later one must read it. */
  @Test
  void restoresTheStateOfTheFirstRelease() throws Exception {
    OperatorSubtaskState state = fixture("/in-flight-requests-0.1.0.snapshot");
    try (OperatorFixture restored =
        create(fake(), OPTIONS.withOrder(ResultOrder.ORDERED)).restore(state)) {
      restored.runToIdle();

      assertThat(restored.completions())
          .extracting(Completion::getRequestId, completion -> completion.getAnswer().split(" #")[0])
          .containsExactly(
              tuple("slow", "You said: one"),
              tuple("fast", "You said: two"),
              tuple("cancelled", ""));
      assertThat(restored.completions().get(0).getMetadata()).containsEntry("origin", "test");
    }
  }

  /** Written by the first release after three tokens; it noted neither model nor seed. */
  @Test
  void startsARequestOfTheFirstReleaseOver() throws Exception {
    OperatorSubtaskState state = fixture("/tokens-in-flight-0.1.0.snapshot");

    assertThat(StateReader.read(state))
        .singleElement()
        .satisfies(
            request -> assertThat(request.samples()).containsExactly(SampleProgress.NOTHING));
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(restored.completions())
          .extracting(Completion::getRequestId, completion -> completion.getAnswer().split(" #")[0])
          .containsExactly(tuple("r1", "You said: one two three"));
      assertThat(restored.chunks().get(0).getTokenOffset()).isZero();
    }
  }

  /** Written by the second layout of the state, with three samples in flight. */
  @Test
  void startsTheSamplesOfTheSecondLayoutOver() throws Exception {
    OperatorSubtaskState state = fixture("/samples-in-flight-layout-2.snapshot");

    assertThat(StateReader.read(state).get(0).samples())
        .containsOnly(SampleProgress.NOTHING)
        .hasSize(3);
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(restored.completions().get(0).getSamples())
          .extracting(CompletionSample::getAnswer)
          .allSatisfy(answer -> assertThat(answer).startsWith("You said: one"));
    }
  }

  /** Written by the third layout, after two tokens of three samples. */
  @Test
  void goesOnWithTheSamplesOfTheThirdLayout() throws Exception {
    OperatorSubtaskState state = fixture("/samples-in-flight-layout-3.snapshot");

    assertThat(StateReader.read(state).get(0).samples())
        .extracting(sample -> sample.tokens().size(), SampleProgress::emittedTokens)
        .containsExactly(tuple(2, 2), tuple(2, 2), tuple(2, 2));
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(restored.completions().get(0).getSamples())
          .extracting(CompletionSample::getAnswer)
          .containsExactly("You said: one", "You said: one #1", "You said: one #2");
      assertThat(restored.chunks().get(0).getTokenOffset()).isEqualTo(2);
    }
  }

  /** Written by the fourth layout, which also has room for text, after two tokens of each. */
  @Test
  void goesOnWithTheSamplesOfTheFourthLayout() throws Exception {
    OperatorSubtaskState state = fixture("/samples-in-flight-layout-4.snapshot");

    assertThat(StateReader.read(state).get(0).samples())
        .extracting(sample -> sample.tokens().size(), sample -> sample.told().size())
        .containsExactly(tuple(2, 0), tuple(2, 0), tuple(2, 0));
    try (OperatorFixture restored = create(fake(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(restored.completions().get(0).getSamples())
          .extracting(CompletionSample::getAnswer)
          .containsExactly("You said: one", "You said: one #1", "You said: one #2");
    }
  }

  /**
   * Written by the fifth layout: a conversation with one turn, a second turn that had the answer of
   * one tool and waited for another, and a third that waited for the second.
   */
  @Test
  void goesOnWithTheRoundsAndTurnsOfTheFifthLayout() throws Exception {
    OperatorSubtaskState state = fixture("/rounds-in-flight-layout-5.snapshot");

    try (OperatorFixture restored =
        OperatorFixture.keyed(fake().build(), StateFixtureWriter.OPTIONS, 1, 0).restore(state)) {
      String open = inFlight(restored).get(0).rounds().get(0).open().get(0).toolRequestId();
      restored.process(Prompts.toolAnswer("k", "r2", open, "minus"));
      restored.runToIdle();
      restored.runToIdle();

      assertThat(restored.completions())
          .extracting(Completion::getAnswer)
          .containsExactly("You said: minus", "You said: three");
      assertThat(((Prompt.Chat) restored.runtime().received().get(1).prompt()).messages())
          .extracting(ChatMessage::content)
          .containsExactly(
              "one", "You said: one", "call add {}; sub {}", "You said: minus", "three");
    }
  }

  /**
   * Written by the second layout of conversations: three turns, two of which wait for a summary.
   */
  @Test
  void summarisesTheConversationThatWaitedForIt() throws Exception {
    OperatorSubtaskState state = fixture("/conversation-waits-for-summary-layout-2.snapshot");

    try (OperatorFixture restored =
        OperatorFixture.keyed(fake().build(), StateFixtureWriter.SUMMARIZING, 1, 0)
            .restore(state)) {
      restored.runToIdle();
      restored.runToIdle();

      assertThat(restored.runtime().received())
          .extracting(GenerationRequest::requestId)
          .startsWith("four/summary", "four");
      assertThat(((Prompt.Chat) restored.runtime().received().get(1).prompt()).messages())
          .extracting(ChatMessage::content)
          .startsWith("What did we say so far, in short?")
          .endsWith("three", "You said: three", "four");
      assertThat(restored.completedIds()).containsExactly("four");
    }
  }

  private OperatorSubtaskState fixture(String resource) throws Exception {
    return OperatorSnapshotUtil.readStateHandle(
        Path.of(getClass().getResource(resource).toURI()).toString());
  }

  private List<InFlightRequest> inFlight(OperatorFixture operator) throws Exception {
    return StateReader.read(operator.harness().snapshot(9, 9));
  }

  private static OperatorSubtaskState repackage(List<OperatorSubtaskState> states)
      throws Exception {
    return AbstractStreamOperatorTestHarness.repackageState(
        states.toArray(OperatorSubtaskState[]::new));
  }
}
