package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.TokenLogprob;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Several answers to one prompt, formats, budgets and logprobs in the operator. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InferenceSamplesTest {

  private String model;

  @BeforeEach
  void nameModelAfterTest(TestInfo test) {
    model = test.getDisplayName();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model).drivenByTest();
  }

  private static OperatorFixture open(FakeRuntimeSpec.Builder spec) throws Exception {
    return new OperatorFixture(spec.build(), InferenceOptions.DEFAULT).open();
  }

  @Test
  void answersWithAllSamplesAndTheFirstInTheOldFields() throws Exception {
    try (OperatorFixture operator = open(fake().reasoning())) {
      operator.process(Prompts.samples("r1", "hello", 3));
      operator.runToIdle();

      Completion completion = operator.completions().get(0);
      assertThat(completion.getSamples())
          .extracting(
              CompletionSample::getIndex,
              CompletionSample::getAnswer,
              CompletionSample::getReasoning,
              CompletionSample::getFinishReason,
              CompletionSample::getReasoningTokens,
              CompletionSample::getCompletionTokens)
          .containsExactly(
              tuple(0, "You said: hello", "thought0 thought1 thought2", FinishReason.STOP, 3, 7),
              tuple(1, "You said: hello #1", "thought0 thought1 thought2", FinishReason.STOP, 3, 8),
              tuple(
                  2, "You said: hello #2", "thought0 thought1 thought2", FinishReason.STOP, 3, 8));
      assertThat(completion.getAnswer()).isEqualTo("You said: hello");
      assertThat(completion.getReasoning()).isEqualTo("thought0 thought1 thought2");
      assertThat(completion.getUsage().getPromptTokens()).isEqualTo(1);
      assertThat(completion.getUsage().getCompletionTokens()).isEqualTo(7 + 8 + 8);
      assertThat(completion.getProvenance().getSampling().getN()).isEqualTo(3);
    }
  }

  @Test
  void oneSampleStandsInTheOldFieldsOnly() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      operator.process(Prompts.record("r1", "hello"));
      operator.runToIdle();

      assertThat(operator.completions().get(0).getSamples()).isEmpty();
      assertThat(operator.completions().get(0).getLogprobs()).isEmpty();
    }
  }

  @Test
  void chunksOfEachSampleJoinToItsTextAndEndByThemselves() throws Exception {
    try (OperatorFixture operator = open(fake().reasoning())) {
      operator.process(Prompts.samples("r1", "one two three", 3));
      while (operator.completions().isEmpty()) {
        operator.runtime().step();
        operator.runMails();
      }

      CompletionAssembler assembler = new CompletionAssembler("r1", 3);
      operator.chunks().forEach(assembler::add);
      assertThat(assembler.isComplete()).isTrue();
      for (CompletionSample sample : operator.completions().get(0).getSamples()) {
        assertThat(assembler.sample(sample.getIndex()).answer()).isEqualTo(sample.getAnswer());
        assertThat(assembler.sample(sample.getIndex()).reasoning())
            .isEqualTo(sample.getReasoning());
        assertThat(assembler.sample(sample.getIndex()).tokens())
            .isEqualTo(sample.getCompletionTokens());
      }
      assertThat(operator.chunks())
          .filteredOn(chunk -> chunk.getFinishReason() != null)
          .extracting(CompletionChunk::getSample)
          .containsExactlyInAnyOrder(0, 1, 2);
    }
  }

  @Test
  void aRetryReplacesTheChunksOfEverySample() throws Exception {
    InjectedFailure failure = new InjectedFailure("r1", 1, RuntimeErrorCode.ENGINE_FAILURE, 2);
    try (OperatorFixture operator = open(fake().fail(failure))) {
      operator.process(Prompts.samples("r1", "one two", 2));
      for (int i = 0; i < 3; i++) {
        operator.runtime().step();
        operator.runMails();
      }
      operator.harness().setProcessingTime(60_000);
      operator.runToIdle();

      CompletionAssembler assembler = new CompletionAssembler("r1", 2);
      operator.chunks().forEach(assembler::add);
      assertThat(assembler.sample(0).answer()).isEqualTo("You said: one two");
      assertThat(assembler.sample(1).answer()).isEqualTo("You said: one two #1");
      assertThat(assembler.sample(1).attempt()).isEqualTo(2);
    }
  }

  @Test
  void aCancellationEndsAllSamplesInTheRuntimeAndBeforeIt() throws Exception {
    try (OperatorFixture operator = open(fake().maxSequences(2).maxWaiting(0).hang("running"))) {
      operator.process(Prompts.samples("running", "hello", 2));
      operator.process(Prompts.samples("waiting", "hello", 2));
      operator.runtime().step();
      operator.process(Prompts.cancellation("waiting"));
      operator.process(Prompts.cancellation("running"));
      operator.runToIdle();

      assertThat(operator.completions())
          .hasSize(2)
          .allSatisfy(
              completion ->
                  assertThat(completion.getSamples())
                      .extracting(CompletionSample::getFinishReason)
                      .containsExactly(FinishReason.CANCELLED, FinishReason.CANCELLED));
      assertThat(operator.chunks())
          .extracting(
              CompletionChunk::getRequestId,
              CompletionChunk::getSample,
              CompletionChunk::getFinishReason)
          .containsExactlyInAnyOrder(
              tuple("waiting", 0, FinishReason.CANCELLED),
              tuple("waiting", 1, FinishReason.CANCELLED),
              tuple("running", 0, FinishReason.CANCELLED),
              tuple("running", 1, FinishReason.CANCELLED));
    }
  }

  @Test
  void reportsLogprobsInTheCompletion() throws Exception {
    try (OperatorFixture operator = open(fake())) {
      PromptRequest request = Prompts.request("r1", "hello");
      request.setSampling(
          Prompts.sampling(
              sampling -> {
                sampling.setLogprobs(true);
                sampling.setTopLogprobs(2);
                sampling.setN(2);
              }));
      operator.process(Prompts.record("r1", "r1", request));
      operator.runToIdle();

      Completion completion = operator.completions().get(0);
      assertThat(completion.getLogprobs())
          .extracting(TokenLogprob::getText)
          .containsExactly("You", " said:", " hello", "");
      assertThat(completion.getLogprobs())
          .allSatisfy(
              logprob -> {
                assertThat(logprob.getLogprob()).isEqualTo(-0.5f);
                assertThat(logprob.getTopLogprobs()).hasSize(2);
              });
      assertThat(completion.getSamples().get(1).getLogprobs()).hasSize(5);
      assertThat(completion.getProvenance().getSampling().getTopLogprobs()).isEqualTo(2);
    }
  }

  @Test
  void passesTenantAdapterAndFormatToTheRuntime() throws Exception {
    try (OperatorFixture operator = open(fake().adapter("legal"))) {
      PromptRequest request = Prompts.request("r1", "hello");
      request.setTenant("acme");
      request.setAdapter("legal");
      request.setSampling(Prompts.sampling(sampling -> sampling.setChoice(List.of("yes", "no"))));
      operator.process(Prompts.record("r1", "r1", request));
      operator.runToIdle();

      assertThat(operator.runtime().received().get(0).tenant()).contains("acme");
      assertThat(operator.completions().get(0).getAnswer()).isEqualTo("yes");
      assertThat(operator.completions().get(0).getProvenance().getAdapter()).isEqualTo("legal");
      assertThat(operator.completions().get(0).getProvenance().getSampling().getChoice())
          .containsExactly("yes", "no");
    }
  }

  @Test
  void whatTheRuntimeRefusesBecomesADeadLetterWithItsCode() throws Exception {
    InjectedFailure overBudget =
        new InjectedFailure("rich", 1, RuntimeErrorCode.BUDGET_EXCEEDED, 0);
    try (OperatorFixture operator = open(fake().fail(overBudget))) {
      PromptRequest schema = Prompts.request("schema", "hello");
      schema.setSampling(
          Prompts.sampling(sampling -> sampling.setResponseFormat("{\"type\":\"object\"}")));
      PromptRequest adapter = Prompts.request("adapter", "hello");
      adapter.setAdapter("nobody");
      operator.process(Prompts.record("schema", "schema", schema));
      operator.process(Prompts.record("adapter", "adapter", adapter));
      operator.process(Prompts.record("rich", "hello"));
      operator.runToIdle();

      assertThat(operator.deadLetters())
          .extracting(letter -> letter.getRequestId(), letter -> letter.getErrorCode())
          .containsExactlyInAnyOrder(
              tuple("schema", ErrorCode.UNSUPPORTED_PARAMETER),
              tuple("adapter", ErrorCode.UNKNOWN_MODEL),
              tuple("rich", ErrorCode.BUDGET_EXCEEDED));
      assertThat(operator.completions()).isEmpty();
    }
  }

  @Test
  void aCompletionThatKafkaWouldRefuseBecomesADeadLetterAndHarmsNoOther() throws Exception {
    InferenceOptions options = InferenceOptions.DEFAULT.withMaxCompletionBytes(600);
    try (OperatorFixture operator =
        new OperatorFixture(fake().maxSequences(16).build(), options).open()) {
      operator.process(Prompts.samples("large", "one two three", 12));
      operator.process(Prompts.samples("small", "one two three", 2));
      operator.runToIdle();

      assertThat(operator.completedIds()).containsExactly("small");
      assertThat(operator.deadLetters())
          .extracting(letter -> letter.getRequestId(), letter -> letter.getErrorCode())
          .containsExactly(tuple("large", ErrorCode.COMPLETION_TOO_LARGE));
      assertThat(operator.deadLetters().get(0).getMessage())
          .matches(
              "the completion has \\d+ bytes and this job publishes at most 600; ask for fewer"
                  + " samples, tokens or logprobs");
      assertThat(operator.deadLetters().get(0).getAttempts()).isEqualTo(1);
    }
  }

  @Test
  void measuresACompletionAsKafkaWill() throws Exception {
    try (OperatorFixture operator = open(fake());
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry()) {
      operator.process(Prompts.samples("r1", "سلام 😀", 2));
      operator.runToIdle();
      Completion completion = operator.completions().get(0);
      byte[] record = new RecordSerializer<>(Completion.class, registry).serialize("t", completion);

      assertThat(new CompletionSize().bytes(completion)).isEqualTo(record.length - 5);
    }
  }
}
