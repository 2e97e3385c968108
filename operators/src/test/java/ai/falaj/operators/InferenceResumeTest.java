package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Generations go on from what they had, and readers of chunks cannot tell. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceResumeTest {

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withRetry(
          new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(1)));

  private static final String TEXT = "one two three four five six";

  /** One per word, and the end of the turn. */
  private static final int TOKENS = 9;

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private static void steps(OperatorFixture operator, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      operator.runtime().step();
      operator.runMails();
    }
  }

  private static CompletionAssembler assembled(
      List<CompletionChunk> before, List<CompletionChunk> after, int samples) {
    CompletionAssembler assembler = new CompletionAssembler("r1", samples);
    before.forEach(assembler::add);
    after.forEach(assembler::add);
    return assembler;
  }

  /**
   * @param checkpointAt tokens that the checkpoint holds
   * @param killAt tokens that had been sent in chunks when the task died
   */
  @ParameterizedTest
  @CsvSource({"0, 0", "0, 3", "1, 1", "3, 3", "3, 5", "5, 7", "7, 7"})
  void goesOnFromTheCheckpointAndItsChunksFit(int checkpointAt, int killAt) throws Exception {
    OperatorSubtaskState state;
    List<CompletionChunk> before;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", TEXT));
      steps(operator, checkpointAt);
      state = operator.harness().snapshot(1, 1);
      steps(operator, killAt - checkpointAt);
      before = List.copyOf(operator.chunks());
    }
    try (OperatorFixture restored = new OperatorFixture(fake().build(), OPTIONS).restore(state)) {
      assertThat(restored.runtime().received())
          .extracting(request -> request.resumption().map(Resumption::tokens).orElse(0))
          .containsExactly(checkpointAt);
      restored.runToIdle();

      Completion completion = restored.completions().get(0);
      assertThat(completion.getAnswer()).isEqualTo("You said: " + TEXT);
      assertThat(completion.getUsage().getCompletionTokens()).isEqualTo(TOKENS);
      assertThat(restored.chunks().get(0).getTokenOffset()).isEqualTo(checkpointAt);
      CompletionAssembler all = assembled(before, restored.chunks(), 1);
      assertThat(all.sample(0).answer()).isEqualTo(completion.getAnswer());
      assertThat(all.isComplete()).isTrue();
    }
  }

  @Test
  void checkpointsOfARestoredRunHoldWhatTheOneBeforeHeldUntilItIsToldAgain() throws Exception {
    OperatorSubtaskState first;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", TEXT));
      steps(operator, 4);
      first = operator.harness().snapshot(1, 1);
    }
    OperatorSubtaskState second;
    try (OperatorFixture restored = new OperatorFixture(fake().build(), OPTIONS).restore(first)) {
      second = restored.harness().snapshot(2, 2);
      assertThat(StateReader.read(second).get(0).samples())
          .isEqualTo(StateReader.read(first).get(0).samples());
    }
    try (OperatorFixture again = new OperatorFixture(fake().build(), OPTIONS).restore(second)) {
      again.runToIdle();
      assertThat(again.completions().get(0).getAnswer()).isEqualTo("You said: " + TEXT);
    }
  }

  @Test
  void goesOnWithEachSampleAndWithoutThoseThatHadEnded() throws Exception {
    OperatorSubtaskState state;
    List<CompletionChunk> before;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      // The first sample ends a token before the others, which name their seed.
      operator.process(Prompts.samples("r1", "one two", 3));
      steps(operator, 4);
      state = operator.harness().snapshot(1, 1);
      before = List.copyOf(operator.chunks());
    }
    try (OperatorFixture restored = new OperatorFixture(fake().build(), OPTIONS).restore(state)) {
      restored.runToIdle();
      assertThat(restored.completions().get(0).getSamples())
          .extracting(CompletionSample::getAnswer)
          .containsExactly("You said: one two", "You said: one two #1", "You said: one two #2");
      CompletionAssembler all = assembled(before, restored.chunks(), 3);
      assertThat(all.isComplete()).isTrue();
      assertThat(List.of(all.sample(0).answer(), all.sample(1).answer(), all.sample(2).answer()))
          .containsExactly("You said: one two", "You said: one two #1", "You said: one two #2");
    }
  }

  @Test
  void aRetryGoesOnFromTheTokensOfTheFailedAttempt() throws Exception {
    InjectedFailure once = new InjectedFailure("r1", 1, RuntimeErrorCode.ENGINE_FAILURE, 4);
    try (OperatorFixture operator =
        new OperatorFixture(fake().fail(once).build(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", TEXT));
      operator.runToIdle();
      operator.harness().setProcessingTime(200);
      operator.runToIdle();

      assertThat(operator.runtime().received())
          .extracting(request -> request.resumption().map(Resumption::tokens).orElse(0))
          .containsExactly(0, 4);
      assertThat(operator.completions().get(0).getAnswer()).isEqualTo("You said: " + TEXT);
      CompletionAssembler all = assembled(operator.chunks(), List.of(), 1);
      assertThat(all.sample(0).answer()).isEqualTo("You said: " + TEXT);
      assertThat(operator.chunks())
          .extracting(CompletionChunk::getAttempt)
          .containsOnly(operator.chunks().get(0).getAttempt(), lastAttempt(operator));
    }
  }

  private static int lastAttempt(OperatorFixture operator) {
    return operator.chunks().get(operator.chunks().size() - 1).getAttempt();
  }

  @Test
  void startsOverWhereTheEngineCannotGoOn() throws Exception {
    OperatorSubtaskState state;
    List<CompletionChunk> before;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", TEXT));
      steps(operator, 4);
      state = operator.harness().snapshot(1, 1);
      before = List.copyOf(operator.chunks());
    }
    InjectedFailure refuses = new InjectedFailure("r1", 1, RuntimeErrorCode.CANNOT_RESUME, 0);
    try (OperatorFixture restored =
        new OperatorFixture(fake().fail(refuses).build(), OPTIONS).restore(state)) {
      restored.runToIdle();
      restored.runToIdle();
      assertThat(restored.completions().get(0).getAnswer()).isEqualTo("You said: " + TEXT);
      assertThat(restored.chunks().get(0).getTokenOffset()).isZero();
      CompletionAssembler all = assembled(before, restored.chunks(), 1);
      assertThat(all.sample(0).answer()).isEqualTo("You said: " + TEXT);
    }
  }

  @Test
  void aCancelledRequestEndsWithTheTextThatItHad() throws Exception {
    OperatorSubtaskState state;
    List<CompletionChunk> before;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      operator.process(Prompts.record("r1", TEXT));
      steps(operator, 4);
      operator.process(Prompts.cancellation("r1"));
      state = operator.harness().snapshot(1, 1);
      before = new ArrayList<>(operator.chunks());
    }
    try (OperatorFixture restored = new OperatorFixture(fake().build(), OPTIONS).restore(state)) {
      restored.runToIdle();
      Completion completion = restored.completions().get(0);
      assertThat(completion.getFinishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(completion.getAnswer()).isEqualTo("You said: one two");
      CompletionAssembler all = assembled(before, restored.chunks(), 1);
      assertThat(all.sample(0).answer()).isEqualTo("You said: one two");
      assertThat(all.sample(0).finishReason()).contains(FinishReason.CANCELLED);
    }
  }

  @Test
  void aRequestThatNamesNoSeedIsGeneratedTheSameWhenItIsReadAgain() throws Exception {
    PromptRequest request = Prompts.request("r1", TEXT);
    request.getSampling().setSeed(null);
    PromptRecord record = Prompts.record("r1", "r1", request);
    List<String> answers = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
        operator.process(record);
        operator.runToIdle();
        answers.add(operator.completions().get(0).getAnswer());
      }
    }
    assertThat(answers.get(0)).startsWith("You said: " + TEXT + " #").isEqualTo(answers.get(1));
  }

  @Test
  void theFirstTokenOfAnEarlierRunCounts() throws Exception {
    OperatorSubtaskState state;
    try (OperatorFixture operator = new OperatorFixture(fake().build(), OPTIONS).open()) {
      operator.harness().setProcessingTime(1_000);
      operator.process(Prompts.record("r1", TEXT));
      operator.harness().setProcessingTime(1_400);
      steps(operator, 2);
      state = operator.harness().snapshot(1, 1);
    }
    try (OperatorFixture restored = new OperatorFixture(fake().build(), OPTIONS)) {
      restored.harness().setProcessingTime(61_000);
      restored.restore(state);
      restored.runToIdle();
      assertThat(restored.completions())
          .extracting(
              completion -> completion.getTimings().getTimeToFirstTokenMs(),
              completion -> completion.getTimings().getTotalMs() >= 60_000)
          .containsExactly(tuple(400L, true));
    }
  }
}
