package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator over several models: each request is served, counted and signed by its own. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class CatalogInferenceTest {

  private static final FakeRuntimeSpec SMALL =
      FakeRuntimeSpec.builder("small.gguf").contextTokens(50).drivenByTest().build();
  private static final FakeRuntimeSpec LARGE =
      FakeRuntimeSpec.builder("large.gguf")
          .contextTokens(500)
          .drivenByTest()
          .fail(new InjectedFailure("failing", 1, RuntimeErrorCode.ENGINE_FAILURE, 0))
          .build();
  private static final CatalogSpec CATALOG =
      new CatalogSpec(Map.of("small", SMALL, "large", LARGE), "small");

  private final List<RuntimeLease> leases = new ArrayList<>();
  private final List<OneInputStreamOperatorTestHarness<?, ?>> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (OneInputStreamOperatorTestHarness<?, ?> harness : open) {
      harness.close();
    }
    leases.forEach(RuntimeLease::close);
  }

  private FakeRuntime runtime(FakeRuntimeSpec spec) throws Exception {
    RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec);
    leases.add(lease);
    return (FakeRuntime) lease.runtime();
  }

  private OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> open(
      InferenceOptions options, OperatorSubtaskState state) throws Exception {
    OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness =
        new OneInputStreamOperatorTestHarness<>(new InferenceOperatorFactory(CATALOG, options));
    open.add(harness);
    harness
        .getStreamConfig()
        .setupNetworkInputs(
            InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.getStreamConfig().serializeAllConfigs();
    harness.setup(InferenceOutputs.COMPLETION_TYPE.createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static StreamRecord<PromptRecord> prompt(String id, String model) {
    PromptRequest request = Prompts.request(id, "hello");
    request.setModel(model);
    return new StreamRecord<>(Prompts.record(id, id, request));
  }

  private static void runMails(OneInputStreamOperatorTestHarness<?, ?> harness) throws Exception {
    Optional<Mail> mail;
    while ((mail = harness.getTaskMailbox().tryTake(Integer.MIN_VALUE)).isPresent()) {
      mail.get().run();
    }
  }

  private static List<String> models(
      OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness) {
    return harness.extractOutputValues().stream()
        .map(OutputRecord::value)
        .map(value -> value.getRequestId() + " by " + value.getProvenance().getModel())
        .toList();
  }

  @Test
  void aCompletionNamesTheModelThatServedIt() throws Exception {
    FakeRuntime small = runtime(SMALL);
    FakeRuntime large = runtime(LARGE);
    var harness = open(InferenceOptions.DEFAULT, null);
    harness.processElement(prompt("a", "large"));
    harness.processElement(prompt("b", "small"));
    harness.processElement(prompt("c", null));
    small.runUntilIdle();
    large.runUntilIdle();
    runMails(harness);

    assertThat(models(harness)).containsExactlyInAnyOrder("a by large", "b by small", "c by small");
    assertThat(large.received()).hasSize(1);
  }

  @Test
  void oneThatIsCancelledWhileNoModelHasItNamesTheOneThatWouldHaveServedIt() throws Exception {
    FakeRuntime large = runtime(LARGE);
    var harness = open(InferenceOptions.DEFAULT, null);
    harness.processElement(prompt("failing", "large"));
    large.runUntilIdle();
    runMails(harness);
    harness.processElement(new StreamRecord<>(Prompts.cancellation("failing")));
    runMails(harness);

    Completion completion = harness.extractOutputValues().get(0).value();
    assertThat(completion.getFinishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(completion.getProvenance().getModel()).isEqualTo("large");
    assertThat(completion.getProvenance().getSampling().getMaxTokens()).isEqualTo(500);
  }

  @Test
  void aModelThatIsNotThereIsADeadLetterThatListsThoseThatAre() throws Exception {
    var harness = open(InferenceOptions.DEFAULT, null);
    harness.processElement(prompt("lost", "gpt-5"));

    DeadLetter letter =
        harness.getSideOutput(InferenceOutputs.DEAD_LETTERS).remove().getValue().value();
    assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.UNKNOWN_MODEL);
    assertThat(letter.getMessage())
        .isEqualTo(
            "model is 'gpt-5' and this job serves 'small', 'large'; name one of them, none, or send"
                + " the request to a job that serves it");
  }

  @Test
  void aRestoredRequestGoesOnWithItsModel() throws Exception {
    FakeRuntime large = runtime(LARGE);
    var before = open(InferenceOptions.DEFAULT, null);
    before.processElement(prompt("a", "large"));
    large.step();
    large.step();
    runMails(before);
    OperatorSubtaskState state = before.snapshot(1, 1);
    before.close();

    var after = open(InferenceOptions.DEFAULT, state);
    large.runUntilIdle();
    runMails(after);
    Completion completion = after.extractOutputValues().get(0).value();
    assertThat(completion.getProvenance().getModel()).isEqualTo("large");
    assertThat(completion.getProvenance().getAttempts()).isEqualTo(2);
    assertThat(completion.getAnswer()).isEqualTo("You said: hello");
    assertThat(large.received().get(1).resumption()).isPresent();
  }
}
