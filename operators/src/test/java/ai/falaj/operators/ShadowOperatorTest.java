package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ShadowOperatorTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final String model;
  private OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness;
  private RuntimeLease lease;

  ShadowOperatorTest(TestInfo test) {
    model = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
    lease.close();
  }

  private FakeRuntime open(FakeRuntimeSpec.Builder builder, ShadowOptions options)
      throws Exception {
    FakeRuntimeSpec spec = builder.drivenByTest().build();
    lease = SharedRuntimes.ofThisJvm().acquire(spec);
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new ShadowOperatorFactory(spec, InferenceOptions.DEFAULT, options));
    harness
        .getStreamConfig()
        .setupNetworkInputs(
            InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.getStreamConfig().serializeAllConfigs();
    harness.setup(InferenceOutputs.COMPLETION_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.open();
    return (FakeRuntime) lease.runtime();
  }

  private FakeRuntimeSpec.Builder fake() {
    return FakeRuntimeSpec.builder(model);
  }

  private void shadow(String id) throws Exception {
    PromptRequest request = Prompts.request(id, "hello");
    request.setModel(model);
    harness.processElement(new StreamRecord<>(Prompts.record(id, id, request), 7));
  }

  private void runMails() throws Exception {
    Optional<Mail> mail;
    while ((mail = harness.getTaskMailbox().tryTake(Integer.MIN_VALUE)).isPresent()) {
      mail.get().run();
    }
  }

  private List<String> completed() {
    return harness.extractOutputValues().stream()
        .map(record -> record.value().getRequestId())
        .toList();
  }

  @Test
  void emitsTheCompletionUnderTheRequestsIdAndNoChunks() throws Exception {
    FakeRuntime runtime = open(fake(), ShadowOptions.DEFAULT);
    shadow("r1");
    runtime.runUntilIdle();
    runMails();

    StreamRecord<? extends OutputRecord<Completion>> element =
        harness.extractOutputStreamRecords().get(0);
    OutputRecord<Completion> record = element.getValue();
    assertThat(element.getTimestamp()).isEqualTo(7);
    assertThat(record.key()).contains("r1");
    assertThat(record.traceparent()).contains(Prompts.TRACEPARENT);
    assertThat(record.value().getAnswer()).isEqualTo("You said: hello");
    assertThat(record.value().getProvenance().getModel()).isEqualTo(model);
    assertThat(record.value().getTenant()).isEqualTo("tenant");
    assertThat(harness.getSideOutput(InferenceOutputs.CHUNKS)).isNull();
  }

  @Test
  void copiesComeLastAndCountTowardsNoTenant() throws Exception {
    FakeRuntime runtime = open(fake(), ShadowOptions.DEFAULT);
    shadow("r1");
    GenerationRequest generation = runtime.received().get(0);
    assertThat(generation.priority()).isEqualTo(Integer.MIN_VALUE);
    assertThat(generation.tenant()).isEmpty();
  }

  @Test
  void dropsWhatFindsNoRoomAndNeverWaits() throws Exception {
    FakeRuntime runtime = open(fake(), new ShadowOptions(2, TIMEOUT));
    shadow("r1");
    shadow("r2");
    shadow("r3");
    assertThat(runtime.received()).hasSize(2);
    runtime.runUntilIdle();
    runMails();
    shadow("r4");
    runtime.runUntilIdle();
    runMails();
    assertThat(completed()).containsExactlyInAnyOrder("r1", "r2", "r4");
  }

  @Test
  void dropsWhatTheRuntimeHasNoRoomFor() throws Exception {
    FakeRuntime runtime = open(fake().maxSequences(1).maxWaiting(0), ShadowOptions.DEFAULT);
    shadow("r1");
    shadow("r2");
    runtime.runUntilIdle();
    runMails();
    assertThat(completed()).containsExactly("r1");
  }

  @Test
  void aFailureIsHarmlessAndNotTriedAgain() throws Exception {
    FakeRuntime runtime =
        open(
            fake()
                .fail(new InjectedFailure("bad", 1, RuntimeErrorCode.ENGINE_FAILURE, 1))
                .fail(new InjectedFailure("worse", 1, RuntimeErrorCode.RUNTIME_CLOSED, 0)),
            ShadowOptions.DEFAULT);
    shadow("bad");
    shadow("worse");
    PromptRequest unservable = Prompts.request("unservable", " ");
    harness.processElement(new StreamRecord<>(Prompts.record("k", "unservable", unservable)));
    shadow("good");
    runtime.runUntilIdle();
    runMails();
    assertThat(completed()).containsExactly("good");
    assertThat(runtime.received()).hasSize(3);
  }

  @Test
  void aCopyThatHangsIsGivenUpAndItsPlaceIsFree() throws Exception {
    FakeRuntime runtime = open(fake().hang("r1"), new ShadowOptions(1, TIMEOUT));
    shadow("r1");
    runtime.step();
    harness.setProcessingTime(TIMEOUT.toMillis());
    runtime.runUntilIdle();
    runMails();
    assertThat(completed()).isEmpty();
    assertThat(runtime.stats().requestsRunning()).isZero();
    shadow("r2");
    runtime.runUntilIdle();
    runMails();
    assertThat(completed()).containsExactly("r2");
  }

  @Test
  void closingTakesTheCopiesBack() throws Exception {
    FakeRuntime runtime = open(fake().hang("r1"), ShadowOptions.DEFAULT);
    shadow("r1");
    runtime.step();
    harness.close();
    runtime.runUntilIdle();
    assertThat(runtime.stats().requestsRunning()).isZero();
    assertThat(completed()).isEmpty();
  }
}
