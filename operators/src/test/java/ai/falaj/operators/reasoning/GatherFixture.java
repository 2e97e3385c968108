package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** One stage's gathering in Flink's harness, with problems as the intake makes them. */
final class GatherFixture implements AutoCloseable {

  static final long NOW_MS = 1_000_000;

  private static final TypeSerializer<ProblemEvent> PROBLEMS =
      ReasoningOutputs.PROBLEM_TYPE.createSerializer(new SerializerConfigImpl());

  private final KeyedTwoInputStreamOperatorTestHarness<
          String, ProblemEvent, CallResult, ProblemEvent>
      harness;

  private GatherFixture(ReasoningStep step) throws Exception {
    harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new KeyedCoProcessOperator<>(new GatherFunction(step)),
            ProblemEvent::key,
            CallResult::problemKey,
            Types.STRING);
    harness.setProcessingTime(NOW_MS);
    harness.setup(ReasoningOutputs.PROBLEM_TYPE.createSerializer(new SerializerConfigImpl()));
  }

  static GatherFixture open(ReasoningStep step) throws Exception {
    GatherFixture fixture = new GatherFixture(step);
    fixture.harness.open();
    return fixture;
  }

  /** Takes a snapshot, closes, and goes on in another operator at the same time of day. */
  GatherFixture restart(ReasoningStep step) throws Exception {
    OperatorSubtaskState state = harness.snapshot(1, 1);
    long nowMs = harness.getProcessingTime();
    close();
    GatherFixture restored = new GatherFixture(step);
    restored.harness.initializeState(state);
    restored.harness.open();
    restored.harness.setProcessingTime(nowMs);
    return restored;
  }

  void problem(ProblemEvent event) throws Exception {
    harness.processElement1(new StreamRecord<>(event));
  }

  void result(CallResult result) throws Exception {
    harness.processElement2(new StreamRecord<>(result));
  }

  void timeIs(long sinceStartMs) throws Exception {
    harness.setProcessingTime(NOW_MS + sinceStartMs);
  }

  List<ProblemEvent> events() {
    return harness.extractOutputValues();
  }

  /** The only problem that left. */
  Problem left() {
    List<ProblemEvent> events = events();
    if (events.size() != 1) {
      throw new AssertionError("not one event: " + events);
    }
    return (Problem) events.get(0);
  }

  int keysWithState() {
    return harness.numKeyedStateEntries();
  }

  int timers() {
    return harness.numProcessingTimeTimers();
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception failure) {
      throw new AssertionError("the operator failed to close", failure);
    }
  }

  /** As a client's request becomes one. */
  static Problem problem(String requestId, ReasoningOptions options) throws Exception {
    PromptRequest request = Prompts.request(requestId, "how long is the falaj?");
    request.setSampling(SamplingParameters.newBuilder().setSeed(RecipeScript.SEED).build());
    return (Problem) intake(Prompts.record(requestId, requestId, request), options).get(0);
  }

  private static List<ProblemEvent> intake(PromptRecord record, ReasoningOptions options)
      throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, PromptRecord, ProblemEvent> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new IntakeFunction(options)),
            new PromptKeys(),
            PromptKeys.TYPE);
    harness.setup(PROBLEMS);
    harness.open();
    harness.setProcessingTime(NOW_MS);
    harness.processElement(new StreamRecord<>(record));
    List<ProblemEvent> events = new ArrayList<>(harness.extractOutputValues());
    harness.close();
    return events;
  }

  static CallResult answer(Problem problem, Call call, String answer) {
    return answer(problem, call, answer, FinishReason.STOP);
  }

  static CallResult answer(Problem problem, Call call, String answer, FinishReason reason) {
    return CallResult.completed(
        new OutputRecord<>(
            Optional.of(call.id()), completion(problem, call, answer, reason), Optional.empty()));
  }

  static Completion completion(Problem problem, Call call, String answer, FinishReason reason) {
    return Completion.newBuilder()
        .setRequestId(call.id())
        .setAnswer(answer)
        .setReasoning("because")
        .setFinishReason(reason)
        .setUsage(new Usage(10, 4, 2, 5))
        .setTimings(new Timings(3L, 7L, 20L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("model")
                .setEngine("scripted")
                .setEngineVersion("1")
                .setSeed(1L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setMetadata(Map.of(Call.PROBLEM_KEY, problem.key()))
        .setCompletedAt(Instant.ofEpochMilli(NOW_MS + 50))
        .build();
  }

  static CallResult failure(Problem problem, Call call) {
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setRequestId(call.id())
            .setSourceTopic(problem.prompt().origin().topic())
            .setSourcePartition(problem.prompt().origin().partition())
            .setSourceOffset(problem.prompt().origin().offset())
            .setErrorCode(ErrorCode.RETRIES_EXHAUSTED)
            .setMessage("given up")
            .setFailedAt(Instant.ofEpochMilli(NOW_MS + 60))
            .build();
    return CallResult.failed(new OutputRecord<>(Optional.of(call.id()), letter, Optional.empty()));
  }
}
