package ai.falaj.operators;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.operators.serialization.InFlightRequestSerializer;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Answers prompts with a model that all subtasks of a JVM share. Completions leave on the main
 * output, chunks and dead letters on the side outputs of {@link InferenceOutputs}.
 *
 * <p><b>Threads.</b> Confined to the task mailbox thread, which it never blocks: the runtime's
 * thread only posts to the mailbox, and when there is no room for another request, {@link
 * #processElement} yields to the mailbox until there is. That is the back-pressure. A checkpoint
 * waits for that moment too, so for the next request to end, not for all of them; and a
 * cancellation waits behind the prompts that were read before it.
 *
 * <p><b>Checkpoints.</b> Every accepted request is in operator state until its result has left,
 * with the tokens that it has so far. After a restore each is generated again, as a higher attempt
 * and before any new input; a result that only waited for its turn is not generated again. State is
 * redistributed evenly on rescaling; a cancellation reaches the requests of its own subtask, so one
 * that arrives after rescaling may miss a request that moved elsewhere.
 *
 * <p><b>Failures.</b> {@link ErrorPolicy} says what follows from an error of the runtime. No record
 * fails the job; a runtime that was closed and a broken invariant do. The lease of the runtime is
 * given back on every path.
 */
public final class InferenceOperator extends AbstractStreamOperator<OutputRecord<Completion>>
    implements OneInputStreamOperator<PromptRecord, OutputRecord<Completion>>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  /** Part of every savepoint: never rename. */
  private static final String STATE_NAME = "in-flight-requests";

  private final RuntimeSpec spec;
  private final InferenceOptions options;
  private final transient SharedRuntimes runtimes;
  private final transient MailboxExecutor mailbox;

  /** 2026-01-01T00:00:00Z: before the first release. */
  private static final long ATTEMPT_EPOCH_MS = 1_767_225_600_000L;

  private static final long MS_PER_ATTEMPT = 250;

  private transient int firstAttempt;
  private transient ListState<InFlightRequest> checkpointed;
  private transient RuntimeLease lease;
  private transient RequestMapper mapper;
  private transient InFlightRequests inFlight;
  private transient CompletionQueue<ActiveRequest> queue;
  private transient InferenceMetrics inferenceMetrics;
  private transient RequestLifecycle lifecycle;

  InferenceOperator(
      StreamOperatorParameters<OutputRecord<Completion>> parameters,
      RuntimeSpec spec,
      InferenceOptions options,
      SharedRuntimes runtimes) {
    super(parameters);
    this.spec = Objects.requireNonNull(spec, "spec");
    this.options = Objects.requireNonNull(options, "options");
    this.runtimes = Objects.requireNonNull(runtimes, "runtimes");
    this.mailbox = Objects.requireNonNull(parameters.getMailboxExecutor(), "mailbox");
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    checkpointed =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>(STATE_NAME, new InFlightRequestSerializer()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    UserCodeRuntimes.maybeCloseWithClassLoader(
        runtimes,
        AbstractStreamOperator.class.getClassLoader(),
        getRuntimeContext()::registerUserCodeClassLoaderReleaseHookIfAbsent);
    lease = runtimes.acquire(spec);
    firstAttempt = firstAttemptAt(nowMs());
    ModelRuntime runtime = lease.runtime();
    mapper = new RequestMapper(runtime.info(), options.maxTokensDefault());
    inFlight = new InFlightRequests(options.maxInFlight(), options.maxInFlightTokens());
    queue = new CompletionQueue<>(options.order(), new Emission());
    inferenceMetrics = new InferenceMetrics(getMetricGroup(), runtime::stats, inFlight);
    lifecycle =
        new RequestLifecycle(
            runtime,
            inFlight,
            options,
            new ChunkEmitter(options.chunks(), this::nowMs, this::emitChunk),
            inferenceMetrics,
            getProcessingTimeService(),
            mailbox,
            new Ends(),
            new SplittableRandom());
    List<InFlightRequest> restored = new ArrayList<>();
    checkpointed.get().forEach(restored::add);
    for (InFlightRequest request : restored) {
      restore(request);
    }
    LOG.info("Serving model {} with {} restored requests", spec.model(), restored.size());
  }

  @Override
  public void processElement(StreamRecord<PromptRecord> element) throws Exception {
    PromptRecord record = element.getValue();
    OptionalLong timestampMs =
        element.hasTimestamp() ? OptionalLong.of(element.getTimestamp()) : OptionalLong.empty();
    if (record.content() instanceof PromptRecord.Undecodable undecodable) {
      emitDeadLetter(record, timestampMs, undecodable.code(), undecodable.message(), 0);
    } else if (record.content() instanceof PromptRecord.Cancellation) {
      cancel(record, timestampMs);
    } else if (record.content() instanceof PromptRecord.Request request) {
      try {
        accept(record, timestampMs, mapper.map(request.request()));
      } catch (RejectedRequestException rejected) {
        emitDeadLetter(record, timestampMs, rejected.code(), rejected.getMessage(), 0);
      }
    }
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    queue.addWatermark(mark);
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    queue.addStatus(status);
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<InFlightRequest> requests = new ArrayList<>(inFlight.size());
    for (ActiveRequest request : inFlight.all()) {
      requests.add(request.snapshot());
    }
    checkpointed.update(requests);
  }

  /** Waits for all requests in flight, retries included; their timers still fire here. */
  @Override
  public void endInput() throws Exception {
    while (!inFlight.isEmpty()) {
      mailbox.yield();
    }
  }

  @Override
  public void close() throws Exception {
    try {
      if (lifecycle != null) {
        lifecycle.close();
      }
    } finally {
      giveLeaseBack();
      super.close();
    }
  }

  private void giveLeaseBack() {
    if (lease == null) {
      return;
    }
    if (lifecycle != null && lifecycle.runtimeIsBroken()) {
      lease.discard();
    } else {
      lease.close();
    }
  }

  private void accept(PromptRecord record, OptionalLong timestampMs, GenerationRequest generation)
      throws Exception {
    long receivedAtMs = nowMs();
    long tokenCost = mapper.estimateTokens(generation);
    while (!inFlight.hasRoomFor(tokenCost)) {
      mailbox.yield();
    }
    ActiveRequest request =
        new ActiveRequest(record, generation, timestampMs, receivedAtMs, tokenCost, firstAttempt);
    take(request);
    lifecycle.start(request);
  }

  private void restore(InFlightRequest state) throws Exception {
    if (state.completion().isPresent()) {
      restoreEnded(state);
      return;
    }
    PromptRecord.Request content = (PromptRecord.Request) state.prompt().content();
    GenerationRequest generation;
    try {
      generation = mapper.map(content.request());
    } catch (RejectedRequestException rejected) {
      // The job's model or limits changed between the savepoint and now.
      emitDeadLetter(
          state.prompt(),
          state.elementTimestampMs(),
          rejected.code(),
          rejected.getMessage(),
          state.generations());
      return;
    }
    ActiveRequest request = restored(state, generation, mapper.estimateTokens(generation));
    take(request);
    if (state.cancelled()) {
      lifecycle.endCancelled(request);
    } else {
      lifecycle.start(request);
    }
  }

  /** Its result is known and waited for its turn: whether it could be asked now does not matter. */
  private void restoreEnded(InFlightRequest state) throws Exception {
    String requestId = state.completion().get().getRequestId();
    GenerationRequest over =
        GenerationRequest.of(requestId, new Prompt.Raw(""), SamplingParameters.defaults());
    ActiveRequest request = restored(state, over, 0);
    request.state = ActiveRequest.State.ENDED;
    request.completion = state.completion();
    take(request);
    queue.complete(request.place);
  }

  private ActiveRequest restored(
      InFlightRequest state, GenerationRequest generation, long tokenCost) {
    ActiveRequest request =
        new ActiveRequest(
            state.prompt(),
            generation,
            state.elementTimestampMs(),
            state.receivedAtMs(),
            tokenCost,
            Math.max(state.attempt() + 1, firstAttempt));
    request.generations = state.generations();
    request.failures = state.failures();
    request.cancelled = state.cancelled();
    return request;
  }

  private void take(ActiveRequest request) {
    inFlight.add(request);
    request.place = queue.add(request, request.prompt.key());
  }

  private void cancel(PromptRecord record, OptionalLong timestampMs) throws Exception {
    if (record.key().isPresent()) {
      lifecycle.cancel(record.key().get());
    } else {
      emitDeadLetter(
          record,
          timestampMs,
          ErrorCode.UNDECODABLE_RECORD,
          "the record has neither key nor value; a cancellation needs the key of the requests that it cancels",
          0);
    }
  }

  /**
   * The first attempt of a run that starts now. Chunks of a request that is read again must win
   * over those of the run before, of which no checkpoint may know, and whose retries raised the
   * attempt too: only the clock is certain to have gone on since then. Four attempts a second are
   * more than retries use up, and an int lasts until 2043.
   */
  static int firstAttemptAt(long epochMs) {
    return 1 + Math.toIntExact(Math.max(0, epochMs - ATTEMPT_EPOCH_MS) / MS_PER_ATTEMPT);
  }

  private void emitChunk(ActiveRequest request, CompletionChunk chunk) {
    output.collect(
        InferenceOutputs.CHUNKS,
        element(
            new OutputRecord<>(
                Optional.of(request.requestId()), chunk, request.prompt.traceparent()),
            request.elementTimestampMs));
  }

  private void emitDeadLetter(
      PromptRecord prompt, OptionalLong timestampMs, ErrorCode code, String message, int attempts) {
    OutputRecord<DeadLetter> letter = DeadLetters.of(prompt, code, message, attempts, nowMs());
    LOG.info("Dead letter {} for {}: {}", code, prompt.origin(), message);
    inferenceMetrics.deadLetter(code);
    output.collect(InferenceOutputs.DEAD_LETTERS, element(letter, timestampMs));
  }

  private static <T> StreamRecord<T> element(T value, OptionalLong timestampMs) {
    return timestampMs.isPresent()
        ? new StreamRecord<>(value, timestampMs.getAsLong())
        : new StreamRecord<>(value);
  }

  private long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  /** Requests that ended take their turn in the queue. */
  private final class Ends implements RequestLifecycle.Results {
    @Override
    public void ended(ActiveRequest request) throws Exception {
      queue.complete(request.place);
    }

    @Override
    public void deadLetter(ActiveRequest request, ErrorCode code, String message) {
      emitDeadLetter(
          request.prompt, request.elementTimestampMs, code, message, request.generations);
    }
  }

  /** Whose turn it is leaves; a request that became a dead letter has left before. */
  private final class Emission implements CompletionQueue.Downstream<ActiveRequest> {
    @Override
    public void emit(ActiveRequest request) {
      inFlight.remove(request);
      if (request.completion.isPresent()) {
        output.collect(
            element(
                new OutputRecord<>(
                    Optional.of(request.requestId()),
                    request.completion.get(),
                    request.prompt.traceparent()),
                request.elementTimestampMs));
      }
    }

    @Override
    public void emitWatermark(Watermark watermark) throws Exception {
      InferenceOperator.super.processWatermark(watermark);
    }

    @Override
    public void emitStatus(WatermarkStatus status) throws Exception {
      InferenceOperator.super.processWatermarkStatus(status);
    }
  }
}
