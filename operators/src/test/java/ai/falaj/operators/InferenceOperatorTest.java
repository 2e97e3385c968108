package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceOperatorTest {

  private static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT.withRetry(
          new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(1)));

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private OperatorFixture open(FakeRuntimeSpec.Builder spec) throws Exception {
    return new OperatorFixture(spec.build(), OPTIONS).open();
  }

  private OperatorFixture open(FakeRuntimeSpec.Builder spec, InferenceOptions options)
      throws Exception {
    return new OperatorFixture(spec.build(), options).open();
  }

  @Test
  void answersAPromptWithItsProvenance() throws Exception {
    try (OperatorFixture operator = open(fake().reasoning())) {
      PromptRequest request = Prompts.request("r1", "good morning");
      request.setSampling(
          Prompts.sampling(
              sampling -> {
                sampling.setTemperature(0.5);
                sampling.setSeed(11L);
                sampling.setMaxTokens(50);
              }));
      operator.process(Prompts.record("key", "r1", request), 123);
      operator.runToIdle();

      Completion completion = operator.completions().get(0);
      assertThat(completion.getRequestId()).isEqualTo("r1");
      assertThat(completion.getConversationId()).isEqualTo("conversation of r1");
      assertThat(completion.getTenant()).isEqualTo("tenant");
      assertThat(completion.getMetadata()).containsEntry("origin", "test");
      assertThat(completion.getAnswer()).isEqualTo("You said: good morning #11");
      assertThat(completion.getReasoning()).isEqualTo("thought0 thought1 thought2");
      assertThat(completion.getFinishReason()).isEqualTo(FinishReason.STOP);
      assertThat(completion.getUsage().getPromptTokens()).isEqualTo(2);
      assertThat(completion.getUsage().getReasoningTokens()).isEqualTo(3);
      assertThat(completion.getUsage().getCompletionTokens()).isEqualTo(9);
      assertThat(completion.getProvenance().getModel()).isEqualTo(model);
      assertThat(completion.getProvenance().getEngine()).isEqualTo("fake");
      assertThat(completion.getProvenance().getQuantization()).isEqualTo("F0");
      assertThat(completion.getProvenance().getSeed()).isEqualTo(11);
      assertThat(completion.getProvenance().getAttempts()).isEqualTo(1);
      assertThat(completion.getProvenance().getSampling().getTemperature()).isEqualTo(0.5);
      assertThat(completion.getProvenance().getSampling().getTopP()).isEqualTo(1);
      assertThat(completion.getProvenance().getSampling().getMaxTokens()).isEqualTo(50);
      OutputRecord<Completion> record = operator.harness().extractOutputValues().get(0);
      assertThat(record.key()).contains("r1");
      assertThat(record.traceparent()).contains(Prompts.TRACEPARENT);
      assertThat(operator.harness().extractOutputStreamRecords().get(0).getTimestamp())
          .isEqualTo(123);
    }
  }

  @Test
  void sendsOneChunkPerMailAndTheLastWithTheFinishReason() throws Exception {
    try (OperatorFixture operator = open(fake().reasoning())) {
      operator.process(Prompts.record("r1", "one two"));
      operator.runtime().step();
      operator.runMails();
      operator.runtime().step();
      operator.runtime().step();
      operator.runtime().step();
      operator.runMails();
      operator.runToIdle();

      List<CompletionChunk> chunks = operator.chunks();
      assertThat(chunks)
          .extracting(CompletionChunk::getText)
          .containsExactly("thought0", " thought1 thought2", "You", " said: one two");
      assertThat(chunks)
          .extracting(CompletionChunk::getChannel)
          .containsExactly(Channel.REASONING, Channel.REASONING, Channel.ANSWER, Channel.ANSWER);
      assertThat(chunks).extracting(CompletionChunk::getSequence).containsExactly(0, 1, 2, 3);
      // The second and third leave together; the last of them carries the tokens of both.
      assertThat(chunks).extracting(CompletionChunk::getTokenOffset).containsExactly(0, 1, 1, 4);
      assertThat(chunks).extracting(CompletionChunk::getTokenCount).containsExactly(1, 0, 3, 4);
      assertThat(chunks)
          .extracting(CompletionChunk::getFinishReason)
          .containsExactly(null, null, null, FinishReason.STOP);
      assertThat(chunks).extracting(CompletionChunk::getAttempt).containsOnly(1);
      assertThat(operator.sideOutput(InferenceOutputs.CHUNKS))
          .allSatisfy(chunk -> assertThat(chunk.key()).contains("r1"));
    }
  }

  @Test
  void manyTokensOfManyStepsCostOneMail() throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(8))) {
      for (int i = 0; i < 8; i++) {
        operator.process(Prompts.record("r" + i, "a b c d e f"));
      }
      int before = operator.mails();
      for (int step = 0; step < 5; step++) {
        operator.runtime().step();
      }

      assertThat(operator.mails() - before).isEqualTo(1);
      operator.runMails();
      assertThat(operator.chunks()).hasSize(8);
    }
  }

  @Test
  void sendsNoChunksWhereNobodyWantsThem() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      PromptRequest request = Prompts.request("r1", "hello");
      request.setStream(false);
      operator.process(Prompts.record("r1", "r1", request));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1");
      assertThat(operator.chunks()).isEmpty();
    }
    try (OperatorFixture operator = open(fake(), OPTIONS.withChunks(false))) {
      operator.process(Prompts.record("r1", "hello"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r1");
      assertThat(operator.chunks()).isEmpty();
    }
  }

  @Test
  void deadLettersBytesThatCouldNotBeDecodedAtOnce() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      operator.process(Prompts.undecodable(ErrorCode.UNKNOWN_SCHEMA_ID, "schema 77 is unknown"));

      DeadLetter letter = operator.deadLetters().get(0);
      assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.UNKNOWN_SCHEMA_ID);
      assertThat(letter.getMessage()).isEqualTo("schema 77 is unknown");
      assertThat(letter.getRequestId()).isNull();
      assertThat(Prompts.text(letter.getKey())).isEqualTo("some key");
      assertThat(Prompts.text(letter.getValue())).isEqualTo("no avro");
      assertThat(letter.getSourceTopic()).isEqualTo("falaj.prompts");
      assertThat(letter.getSourcePartition()).isEqualTo(3);
      assertThat(letter.getSourceOffset()).isEqualTo(42);
      assertThat(operator.sideOutput(InferenceOutputs.DEAD_LETTERS).get(0).traceparent())
          .contains(Prompts.TRACEPARENT);
      assertThat(operator.runtime().received()).isEmpty();
    }
  }

  @Test
  void deadLettersWhatTheRuntimeRefusesAfterOneAttempt() throws Exception {
    try (OperatorFixture operator = open(fake().contextTokens(4))) {
      operator.process(Prompts.record("r1", "one two three four five"));
      operator.runToIdle();

      DeadLetter letter = operator.deadLetters().get(0);
      assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.PROMPT_TOO_LONG);
      assertThat(letter.getRequestId()).isEqualTo("r1");
      assertThat(letter.getAttempts()).isEqualTo(1);
      assertThat(letter.getMessage()).contains("5", "4").doesNotContain("three");
      assertThat(operator.completions()).isEmpty();
      operator.process(Prompts.record("r2", "one"));
      operator.runToIdle();
      assertThat(operator.completedIds()).containsExactly("r2");
    }
  }

  @Test
  void deadLettersAnInvalidRequestWithoutAskingTheRuntime() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      PromptRequest request = Prompts.request("r1", "hello");
      request.setSampling(Prompts.sampling(sampling -> sampling.setMaxTokens(0)));
      operator.process(Prompts.record("r1", "r1", request));

      DeadLetter letter = operator.deadLetters().get(0);
      assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.INVALID_PARAMETER);
      assertThat(letter.getMessage()).isEqualTo("max_tokens is 0; it must be 1 or more");
      assertThat(operator.runtime().received()).isEmpty();
    }
  }

  @Test
  void triesAFailedGenerationAgainAfterABackoffWithAHigherAttempt() throws Exception {
    InjectedFailure failure = new InjectedFailure("r1", 1, RuntimeErrorCode.ENGINE_FAILURE, 2);
    try (OperatorFixture operator = open(fake().fail(failure))) {
      operator.process(Prompts.record("r1", "hello"));
      for (int i = 0; i < 3; i++) {
        operator.runtime().step();
        operator.runMails();
      }
      assertThat(operator.runtime().received()).as("before the backoff").hasSize(1);
      operator.harness().setProcessingTime(100);
      operator.runMails();
      assertThat(operator.runtime().received()).as("after the longest backoff").hasSize(2);
      operator.runToIdle();

      assertThat(operator.completions().get(0).getAnswer()).isEqualTo("You said: hello");
      assertThat(operator.completions().get(0).getProvenance().getAttempts()).isEqualTo(2);
      assertThat(operator.chunks())
          .extracting(CompletionChunk::getAttempt, CompletionChunk::getTokenOffset)
          .containsExactly(tuple(1, 0), tuple(1, 1), tuple(2, 2));
      assertThat(operator.deadLetters()).isEmpty();
    }
  }

  @Test
  void deadLettersARequestThatFailsTooOften() throws Exception {
    InjectedFailure failure =
        new InjectedFailure(
            "r1", InjectedFailure.EVERY_SUBMISSION, RuntimeErrorCode.ENGINE_FAILURE, 0);
    try (OperatorFixture operator = open(fake().fail(failure))) {
      operator.process(Prompts.record("r1", "hello"));
      for (int i = 1; i <= 10; i++) {
        operator.runToIdle();
        operator.harness().setProcessingTime(i * 1_000L);
        operator.runMails();
      }

      assertThat(operator.runtime().received()).hasSize(3);
      DeadLetter letter = operator.deadLetters().get(0);
      assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.RETRIES_EXHAUSTED);
      assertThat(letter.getAttempts()).isEqualTo(3);
      assertThat(letter.getMessage()).contains("3 generations failed", "ENGINE_FAILURE");
    }
  }

  @Test
  void failsTheJobAndDiscardsTheRuntimeWhenItIsClosed() throws Exception {
    FakeRuntimeSpec spec = fake().build();
    OperatorFixture operator = new OperatorFixture(spec, OPTIONS).open();
    FakeRuntime closed = operator.runtime();
    operator.process(Prompts.record("r1", "hello"));
    closed.close();

    assertThatThrownBy(operator::runMails).hasMessageContaining("closed");
    operator.closeOperator();
    assertThat(operator.completions()).isEmpty();
    assertThat(operator.deadLetters()).isEmpty();
    try (OperatorFixture restarted = new OperatorFixture(spec, OPTIONS).open()) {
      assertThat(restarted.runtime()).as("the runtime after a restart").isNotSameAs(closed);
      restarted.process(Prompts.record("r1", "hello"));
      restarted.runToIdle();
      assertThat(restarted.completedIds()).containsExactly("r1");
    }
    operator.close();
  }

  @Test
  void waitsForRoomInAnOverloadedRuntimeWithoutCountingAFailure() throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(1).maxWaiting(0))) {
      operator.process(Prompts.record("r1", "hello"));
      operator.process(Prompts.record("r2", "hello"));
      assertThat(operator.runtime().received()).hasSize(1);
      operator.runToIdle();
      assertThat(operator.runtime().received()).as("after its own request ended").hasSize(2);
      operator.runToIdle();

      assertThat(operator.completedIds()).containsExactly("r1", "r2");
      assertThat(operator.completions().get(1).getProvenance().getAttempts()).isEqualTo(1);
      assertThat(operator.deadLetters()).isEmpty();
    }
  }

  @Test
  void asksAnOverloadedRuntimeAgainThatOthersFilled() throws Exception {
    FakeRuntimeSpec spec = fake().maxSequences(1).maxWaiting(0).build();
    try (OperatorFixture other = new OperatorFixture(spec, OPTIONS).open();
        OperatorFixture operator = new OperatorFixture(spec, OPTIONS).open()) {
      other.process(Prompts.record("other", "hello"));
      operator.process(Prompts.record("r1", "hello"));
      other.runToIdle();
      assertThat(operator.runtime().received()).hasSize(1);
      operator.harness().setProcessingTime(50);
      operator.runToIdle();

      assertThat(operator.completedIds()).containsExactly("r1");
    }
  }

  @Test
  void neverHoldsMoreRequestsThanItMay() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder(model).maxSequences(16).stepDelay(Duration.ofMillis(1)).build();
    try (OperatorFixture operator = new OperatorFixture(spec, OPTIONS.withMaxInFlight(3)).open()) {
      for (int i = 0; i < 20; i++) {
        operator.process(Prompts.record("r" + i, "hello"));
      }
      operator.harness().endInput();

      assertThat(operator.completedIds()).hasSize(20).doesNotHaveDuplicates();
      assertThat(operator.runtime().maxInRuntime()).isEqualTo(3);
    }
  }

  @Test
  void neverHoldsMoreTokensThanItMayButServesALargeRequestAlone() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder(model).maxSequences(16).stepDelay(Duration.ofMillis(1)).build();
    try (OperatorFixture operator =
        new OperatorFixture(spec, OPTIONS.withMaxInFlightTokens(100)).open()) {
      for (int i = 0; i < 10; i++) {
        PromptRequest request = Prompts.request("r" + i, "hello");
        // 9 prompt tokens are estimated; two such requests fit, and the last does not even alone.
        int maxTokens = i == 9 ? 1_000 : 30;
        request.setSampling(Prompts.sampling(sampling -> sampling.setMaxTokens(maxTokens)));
        operator.process(Prompts.record("r" + i, "r" + i, request));
      }
      operator.harness().endInput();

      assertThat(operator.completedIds()).hasSize(10).doesNotHaveDuplicates();
      assertThat(operator.runtime().maxInRuntime()).isEqualTo(2);
    }
  }

  @Test
  void aTombstoneCancelsTheRequestsOfItsKeyWhereverTheyAre() throws Exception {
    InjectedFailure failure =
        new InjectedFailure("backing off", 1, RuntimeErrorCode.ENGINE_FAILURE, 1);
    try (OperatorFixture operator =
        open(fake().maxSequences(3).maxWaiting(0).hang("running").fail(failure))) {
      operator.process(record("key", "running"));
      operator.process(record("key", "backing off"));
      operator.process(record("other", "unharmed"));
      operator.runtime().step();
      operator.runMails();
      operator.runtime().step();
      operator.runMails();
      operator.process(Prompts.cancellation("key"));
      operator.runToIdle();

      assertThat(operator.completions())
          .extracting(Completion::getRequestId, Completion::getFinishReason)
          .containsExactlyInAnyOrder(
              tuple("running", FinishReason.CANCELLED),
              tuple("backing off", FinishReason.CANCELLED),
              tuple("unharmed", FinishReason.STOP));
      assertThat(operator.chunks())
          .filteredOn(chunk -> chunk.getFinishReason() == FinishReason.CANCELLED)
          .extracting(CompletionChunk::getRequestId)
          .containsExactlyInAnyOrder("running", "backing off");
      // It ends with the text that its failed attempt had made.
      assertThat(operator.completions())
          .filteredOn(completion -> completion.getRequestId().equals("backing off"))
          .extracting(Completion::getAnswer)
          .containsExactly("You");
      assertThat(operator.chunks())
          .filteredOn(chunk -> chunk.getRequestId().equals("backing off"))
          .extracting(
              CompletionChunk::getAttempt,
              CompletionChunk::getTokenOffset,
              CompletionChunk::getText)
          .containsExactly(tuple(1, 0, "You"), tuple(2, 1, ""));
      operator.harness().setProcessingTime(10_000);
      operator.runToIdle();
      assertThat(operator.completions()).as("after the cancelled backoff").hasSize(3);
    }
  }

  @Test
  void aTombstoneCancelsARequestThatWaitsForRoom() throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(1).maxWaiting(0).hang("first"))) {
      operator.process(record("a", "first"));
      operator.process(record("b", "waiting"));
      operator.process(Prompts.cancellation("b"));

      assertThat(operator.completedIds()).containsExactly("waiting");
      assertThat(operator.completions().get(0).getAnswer()).isEmpty();
      assertThat(operator.completions().get(0).getFinishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void aTombstoneOfNoRequestDoesNothing() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      operator.process(Prompts.cancellation("nobody"));
      operator.runToIdle();
      assertThat(operator.harness().getOutput()).isEmpty();
      assertThat(operator.deadLetters()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(ResultOrder.class)
  void keepsItsOrderAndNoWatermarkOvertakes(ResultOrder order) throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(8), OPTIONS.withOrder(order))) {
      // The first is longer than all others.
      operator.process(Prompts.record("k1", "a1", Prompts.request("a1", "a b c d e f g h")), 10);
      operator.process(Prompts.record("k2", "b1", Prompts.request("b1", "a")), 11);
      operator.process(Prompts.record("k1", "a2", Prompts.request("a2", "a b")), 12);
      operator.harness().processWatermark(15);
      operator.process(Prompts.record("k2", "b2", Prompts.request("b2", "a")), 20);
      operator.harness().processWatermark(25);
      operator.runToIdle();

      List<String> expected =
          switch (order) {
            case UNORDERED -> List.of("b1", "b2", "a2", "a1", "W15", "W25");
            case ORDERED -> List.of("a1", "b1", "a2", "W15", "b2", "W25");
            case KEY_ORDERED -> List.of("b1", "b2", "a1", "a2", "W15", "W25");
          };
      assertThat(Outputs.describe(operator.harness().getOutput())).isEqualTo(expected);
    }
  }

  @Test
  void endOfInputWaitsForEverythingInFlight() throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder(model).stepDelay(Duration.ofMillis(2)).build();
    try (OperatorFixture operator = new OperatorFixture(spec, OPTIONS).open()) {
      for (int i = 0; i < 6; i++) {
        operator.process(Prompts.record("r" + i, "hello"));
      }
      operator.harness().endInput();

      assertThat(operator.completedIds()).hasSize(6);
    }
  }

  @Test
  void closeTakesItsRequestsBackAndReleasesTheRuntime() throws Exception {
    FakeRuntimeSpec spec = fake().hang("r1").build();
    FakeRuntime runtime;
    try (OperatorFixture operator = new OperatorFixture(spec, OPTIONS).open()) {
      runtime = operator.runtime();
      operator.process(Prompts.record("r1", "hello"));
      runtime.step();
      operator.closeOperator();
      runtime.runUntilIdle();

      assertThat(runtime.stats().requestsFinished()).as("cancelled requests").isEqualTo(1);
      assertThat(runtime.isClosed()).as("closed while the test holds its lease").isFalse();
      assertThat(operator.completions()).isEmpty();
    }
    assertThat(runtime.isClosed()).isTrue();
  }

  @Test
  void releasesTheRuntimeWhenOpenFails() throws Exception {
    FakeRuntimeSpec spec = fake().build();
    OperatorFixture first = new OperatorFixture(spec, OPTIONS).open();
    first.process(Prompts.record("r1", "hello"));
    var state = first.harness().snapshot(1, 1);
    FakeRuntime runtime = first.runtime();
    runtime.close();
    first.closeOperator();

    OperatorFixture second = new OperatorFixture(spec, OPTIONS);
    assertThatThrownBy(() -> second.restore(state)).hasMessageContaining("closed");
    second.close();
    first.close();
    RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec);
    assertThat(lease.runtime()).isNotSameAs(runtime);
    lease.close();
  }

  @Test
  void aModelThatCannotBeLoadedFailsOpenWithItsMessage() throws Exception {
    FakeRuntimeSpec spec = fake().failLoading("the file is truncated; pull it again").build();
    var harness = OperatorFixture.harnessOf(spec, OPTIONS);

    assertThatThrownBy(harness::open)
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessage("the file is truncated; pull it again");
    harness.close();
  }

  @Test
  void manyRequestsOfOneKeyAreAllCancelled() throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(2))) {
      for (int i = 0; i < 10; i++) {
        operator.process(record("key", "r" + i));
      }
      operator.process(Prompts.cancellation("key"));
      operator.runToIdle();
      assertThat(operator.completions())
          .hasSize(10)
          .allMatch(completion -> completion.getFinishReason() == FinishReason.CANCELLED);
    }
  }

  private static PromptRecord record(String key, String requestId) {
    return Prompts.record(key, requestId, Prompts.request(requestId, "hello"));
  }
}
