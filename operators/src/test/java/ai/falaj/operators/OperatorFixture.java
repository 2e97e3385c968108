package ai.falaj.operators;

import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/**
 * An operator in Flink's harness over a fake runtime that is shared as in a TaskManager. The test's
 * thread is the task thread; mails run where the test says so.
 */
final class OperatorFixture implements AutoCloseable {

  static final int MAX_PARALLELISM = 16;

  private static final int LOWEST_PRIORITY = Integer.MIN_VALUE;

  private final OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness;
  private final RuntimeLease lease;
  private boolean closed;

  OperatorFixture(FakeRuntimeSpec spec, InferenceOptions options) throws Exception {
    this(spec, options, 1, 0);
  }

  OperatorFixture(FakeRuntimeSpec spec, InferenceOptions options, int parallelism, int subtask)
      throws Exception {
    this(
        spec,
        new OneInputStreamOperatorTestHarness<>(
            new InferenceOperatorFactory(spec, options), MAX_PARALLELISM, parallelism, subtask));
  }

  private OperatorFixture(
      FakeRuntimeSpec spec,
      OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness)
      throws Exception {
    lease = SharedRuntimes.ofThisJvm().acquire(spec);
    this.harness = harness;
    harness
        .getStreamConfig()
        .setupNetworkInputs(
            InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.getStreamConfig().serializeAllConfigs();
    harness.setup(InferenceOutputs.COMPLETION_TYPE.createSerializer(new SerializerConfigImpl()));
  }

  /** On a stream keyed as the job keys it. */
  static OperatorFixture keyed(
      FakeRuntimeSpec spec, InferenceOptions options, int parallelism, int subtask)
      throws Exception {
    return new OperatorFixture(
        spec,
        new KeyedOneInputStreamOperatorTestHarness<>(
            new InferenceOperatorFactory(spec, options),
            new PromptKeys(),
            PromptKeys.TYPE,
            MAX_PARALLELISM,
            parallelism,
            subtask));
  }

  /** On a stream keyed as for the reuse of answers. */
  static OperatorFixture keyedByRequest(
      FakeRuntimeSpec spec, InferenceOperatorFactory factory, int parallelism, int subtask)
      throws Exception {
    return new OperatorFixture(
        spec,
        new KeyedOneInputStreamOperatorTestHarness<>(
            factory, new RequestKeys(), RequestKeys.TYPE, MAX_PARALLELISM, parallelism, subtask));
  }

  OperatorFixture open() throws Exception {
    harness.open();
    return this;
  }

  OperatorFixture restore(OperatorSubtaskState state) throws Exception {
    harness.initializeState(state);
    return open();
  }

  /** Without a lease of the test: for a model that cannot be loaded. */
  static OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harnessOf(
      FakeRuntimeSpec spec, InferenceOptions options) throws Exception {
    return new OneInputStreamOperatorTestHarness<>(new InferenceOperatorFactory(spec, options));
  }

  OneInputStreamOperatorTestHarness<PromptRecord, OutputRecord<Completion>> harness() {
    return harness;
  }

  FakeRuntime runtime() {
    return (FakeRuntime) lease.runtime();
  }

  void process(PromptRecord record) throws Exception {
    harness.processElement(new StreamRecord<>(record));
  }

  void process(PromptRecord record, long timestampMs) throws Exception {
    harness.processElement(new StreamRecord<>(record, timestampMs));
  }

  /** Runs all mails that are there. */
  void runMails() throws Exception {
    Optional<Mail> mail;
    while ((mail = harness.getTaskMailbox().tryTake(LOWEST_PRIORITY)).isPresent()) {
      mail.get().run();
    }
  }

  /** Runs the runtime until it is idle, and then the mails. */
  void runToIdle() throws Exception {
    runtime().runUntilIdle();
    runMails();
  }

  int mails() {
    return harness.getTaskMailbox().size();
  }

  List<Completion> completions() {
    return harness.extractOutputValues().stream().map(OutputRecord::value).toList();
  }

  List<String> completedIds() {
    return completions().stream().map(Completion::getRequestId).toList();
  }

  List<CompletionChunk> chunks() {
    return values(InferenceOutputs.CHUNKS);
  }

  List<PromptOutcome> outcomes() {
    Queue<StreamRecord<PromptOutcome>> records = harness.getSideOutput(InferenceOutputs.OUTCOMES);
    return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
  }

  List<DeadLetter> deadLetters() {
    return values(InferenceOutputs.DEAD_LETTERS);
  }

  <T extends SpecificRecord> List<OutputRecord<T>> sideOutput(OutputTag<OutputRecord<T>> tag) {
    Queue<StreamRecord<OutputRecord<T>>> records = harness.getSideOutput(tag);
    List<OutputRecord<T>> values = new ArrayList<>();
    if (records != null) {
      records.forEach(record -> values.add(record.getValue()));
    }
    return values;
  }

  private <T extends SpecificRecord> List<T> values(OutputTag<OutputRecord<T>> tag) {
    return sideOutput(tag).stream().map(OutputRecord::value).toList();
  }

  /** Closes the operator and keeps the test's own lease, so that the runtime can be looked at. */
  void closeOperator() throws Exception {
    if (!closed) {
      closed = true;
      harness.close();
    }
  }

  @Override
  public void close() {
    try {
      closeOperator();
    } catch (Exception failure) {
      throw new AssertionError("the operator failed to close", failure);
    } finally {
      lease.close();
    }
  }
}
