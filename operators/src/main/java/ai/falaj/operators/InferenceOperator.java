package ai.falaj.operators;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
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
 * <p><b>Threads.</b> Confined to the task mailbox thread; the runtime's thread only posts to the
 * mailbox. Back-pressure is a closed {@link CapacityGate}: a {@link GatedSource} that is chained to
 * the operator reads nothing while there is no room for another request, and checkpoints go on.
 * Behind any other input {@link #processElement} takes one request more than there is room for, and
 * yields to the mailbox until there is. At the head of a task even checkpoints happen in that
 * yield: the request is in the operator's state already, so an unaligned checkpoint never waits for
 * a generation. Anywhere else a checkpoint waits for the next request to end, not for all of them.
 * A cancellation waits behind the prompts that were read before it.
 *
 * <p><b>Checkpoints.</b> Every accepted request is in operator state until its result has left,
 * with the tokens that it has so far. After a restore each goes on from them, as a higher attempt
 * and before any new input; a result that only waited for its turn is not generated again. On a
 * keyed stream requests move with their key. On another they are dealt out evenly on rescaling; a
 * cancellation reaches the requests of its own subtask, so one that arrives after rescaling may
 * miss a request that moved elsewhere.
 *
 * <p><b>Keys.</b> On a stream keyed by {@link PromptKeys} it can remember which requests it has
 * seen ({@link Deduplication}), and the order of a key survives rescaling.
 *
 * <p>On such a stream it can also keep what was said in each conversation ({@link Conversations})
 * and call tools ({@link ToolRounds}), whose answers come by the same input.
 *
 * <p><b>Failures.</b> {@link ErrorPolicy} says what follows from an error of the runtime. No record
 * fails the job; a runtime that was closed and a broken invariant do. The lease of the runtime is
 * given back on every path.
 */
public final class InferenceOperator extends AbstractStreamOperator<OutputRecord<Completion>>
    implements OneInputStreamOperator<PromptRecord, OutputRecord<Completion>>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  private final RuntimeSpec spec;
  private final InferenceOptions options;
  private final boolean asOutcomes;
  private final AnswerReview review;
  private final transient SharedRuntimes runtimes;
  private final transient MailboxExecutor mailbox;

  /** What {@link Backpressure} yields to while there is no room. */
  private final transient MailboxExecutor mailboxWhileFull;

  private transient InFlightState checkpointed;
  private transient Optional<SeenRequests> seen;
  private transient Optional<SharedAnswers> shared;
  private transient CapacityGate gate;
  private transient Backpressure backpressure;
  private transient RuntimeLease lease;
  private transient InFlightRequests inFlight;
  private transient CompletionQueue<ActiveRequest> queue;
  private transient InferenceMetrics inferenceMetrics;
  private transient OutputEmitter emitter;
  private transient RequestLifecycle lifecycle;
  private transient OvertakingCancellations overtakers;
  private transient Turns turns;
  private transient RequestIntake intake;

  InferenceOperator(
      StreamOperatorParameters<OutputRecord<Completion>> parameters,
      RuntimeSpec spec,
      InferenceOptions options,
      SharedRuntimes runtimes,
      boolean upstreamEmitsOnce,
      boolean asOutcomes,
      AnswerReview review) {
    super(parameters);
    this.spec = Objects.requireNonNull(spec, "spec");
    this.options = Objects.requireNonNull(options, "options");
    this.runtimes = Objects.requireNonNull(runtimes, "runtimes");
    this.asOutcomes = asOutcomes;
    this.review = Objects.requireNonNull(review, "review");
    this.mailbox = Objects.requireNonNull(parameters.getMailboxExecutor(), "mailbox");
    this.mailboxWhileFull = Backpressure.mailboxWhileFull(parameters, upstreamEmitsOnce);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    TaskInfo task = getRuntimeContext().getTaskInfo();
    checkpointed =
        new InFlightState(
            context.getOperatorStateStore(),
            options::keyOf,
            isKeyed(),
            task.getIndexOfThisSubtask(),
            task.getNumberOfParallelSubtasks(),
            task.getMaxNumberOfParallelSubtasks());
  }

  private boolean isKeyed() {
    return getKeyedStateBackend() != null;
  }

  @Override
  public void open() throws Exception {
    super.open();
    UserCodeRuntimes.maybeCloseWithClassLoader(
        runtimes,
        AbstractStreamOperator.class.getClassLoader(),
        getRuntimeContext()::registerUserCodeClassLoaderReleaseHookIfAbsent);
    requireKeysWhereNeeded();
    seen =
        options.deduplication().isEnabled()
            ? Optional.of(new SeenRequests(getRuntimeContext(), options.deduplication()))
            : Optional.empty();
    shared =
        options.reuse().isEnabled()
            ? Optional.of(new SharedAnswers(new AnswerCache(getRuntimeContext(), options.reuse())))
            : Optional.empty();
    lease = runtimes.acquire(spec);
    ModelRuntime runtime = lease.runtime();
    RequestMapper mapper = new RequestMapper(ServedModels.of(runtime), options);
    overtakers = new OvertakingCancellations();
    gate = new CapacityGate();
    gate.install();
    inFlight =
        new InFlightRequests(
            options.maxInFlight(), options.maxInFlightTokens(), options.maxParked(), gate);
    backpressure = new Backpressure(mailboxWhileFull, gate, inFlight, getProcessingTimeService());
    queue = new CompletionQueue<>(options.order(), new Emission());
    inferenceMetrics = new InferenceMetrics(getMetricGroup(), runtime::stats, inFlight);
    ModelMetrics.register(getMetricGroup(), runtime);
    BatchMetrics.register(getMetricGroup(), runtime);
    emitter = new OutputEmitter(output, inferenceMetrics, this::nowMs, asOutcomes);
    lifecycle =
        new RequestLifecycle(
            runtime,
            inFlight,
            options,
            new Reviewer(review, mapper),
            new ChunkEmitter(options.chunks(), this::nowMs, emitter::chunk),
            emitter,
            inferenceMetrics,
            getProcessingTimeService(),
            mailbox,
            new Ends(),
            new SplittableRandom());
    turns = new Turns(conversations(mapper), lifecycle, emitter, inferenceMetrics);
    intake =
        new RequestIntake(
            mapper,
            seen,
            shared,
            runtime.info().modelSha256(),
            overtakers,
            inFlight,
            queue,
            turns,
            emitter,
            inferenceMetrics,
            this::nowMs,
            Attempts.firstAt(nowMs()));
    List<InFlightRequest> restored = checkpointed.restored();
    for (InFlightRequest request : restored) {
      if (!intake.restore(request)) {
        forget(request.prompt());
      }
    }
    LOG.info("Serving model {} with {} restored requests", spec.model(), restored.size());
  }

  private Optional<Conversations> conversations(RequestMapper mapper) {
    ConversationOptions kept = options.conversations();
    if (!kept.isEnabled()) {
      return Optional.empty();
    }
    return Optional.of(
        new Conversations(
            getRuntimeContext(),
            this::setCurrentKey,
            kept,
            mapper,
            new Summarizer(kept.summary(), mapper, this::nowMs),
            this::startSummary,
            inferenceMetrics));
  }

  /** It takes room like a request, and has no place among results. */
  private void startSummary(ActiveRequest summary) throws Exception {
    inFlight.add(summary);
    lifecycle.start(summary, true);
  }

  private void requireKeysWhereNeeded() {
    if (isKeyed()) {
      return;
    }
    if (options.needKeys()) {
      throw new IllegalStateException(
          "to answer requests once, keep conversations or call tools takes a keyed stream; key it by "
              + PromptKeys.class);
    }
    if (options.reuse().isEnabled()) {
      throw new IllegalStateException(
          "to reuse answers takes a keyed stream; key it by " + RequestKeys.class);
    }
  }

  @Override
  public void processElement(StreamRecord<PromptRecord> element) throws Exception {
    PromptRecord record = element.getValue();
    OptionalLong timestampMs =
        element.hasTimestamp() ? OptionalLong.of(element.getTimestamp()) : OptionalLong.empty();
    if (record.content() instanceof PromptRecord.Undecodable undecodable) {
      emitter.deadLetter(record, timestampMs, undecodable.code(), undecodable.message(), 0);
    } else if (record.content() instanceof PromptRecord.Cancellation) {
      cancel(record, timestampMs);
    } else if (record.content() instanceof PromptRecord.ToolAnswer answer) {
      lifecycle.toolAnswered(answer.response());
    } else if (record.content() instanceof PromptRecord.Request request) {
      intake.take(record, request.request(), timestampMs);
      backpressure.waitForRoom();
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
      if (request.summaryOf.isEmpty()) {
        requests.add(request.snapshot());
      }
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
      if (gate != null) {
        gate.uninstall();
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

  private void cancel(PromptRecord record, OptionalLong timestampMs) throws Exception {
    if (record.key().isPresent()) {
      overtakers.add(record);
      lifecycle.cancel(record.key().get(), record.origin());
    } else {
      emitter.deadLetter(
          record,
          timestampMs,
          ErrorCode.UNDECODABLE_RECORD,
          "the record has neither key nor value; a cancellation needs the key of the requests that it cancels",
          0);
    }
  }

  /** A dead letter may be sent again. */
  private void forget(PromptRecord prompt) throws Exception {
    if (seen.isPresent()) {
      setCurrentKey(options.keyOf(prompt));
      seen.get().deadLettered(((PromptRecord.Request) prompt.content()).request().getRequestId());
    }
  }

  private long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  /** Requests that ended take their turn in the queue; summaries have none there. */
  private final class Ends implements RequestLifecycle.Results {
    @Override
    public void ended(ActiveRequest request) throws Exception {
      if (request.summaryOf.isPresent()) {
        inFlight.remove(request);
        turns.summaryEnded(request);
        return;
      }
      List<ActiveRequest> followers = List.of();
      if (shared.isPresent()) {
        setCurrentKey(options.keyOf(request.prompt));
        followers = shared.get().ended(request);
      }
      queue.complete(request.place);
      for (ActiveRequest follower : followers) {
        follower.state = ActiveRequest.State.ENDED;
        follower.completion = request.completion;
        queue.complete(follower.place);
      }
    }

    @Override
    public void deadLetter(ActiveRequest request, ErrorCode code, String message) throws Exception {
      if (request.summaryOf.isPresent()) {
        LOG.warn("No summary, {}: {}: {}", code, message, request);
        return;
      }
      forget(request.prompt);
      boolean wasTurn =
          options.conversations().isEnabled() && request.request().getConversationId() != null;
      emitter.deadLetter(
          request.prompt,
          request.elementTimestampMs,
          code,
          wasTurn ? message + "; its conversation is as it was before it" : message,
          request.generations);
      if (shared.isPresent()) {
        for (ActiveRequest follower : shared.get().followersOf(request)) {
          emitter.deadLetter(follower.prompt, follower.elementTimestampMs, code, message, 0);
        }
      }
    }
  }

  /** Whose turn it is leaves; a request that became a dead letter has left before. */
  private final class Emission implements CompletionQueue.Downstream<ActiveRequest> {
    @Override
    public void emit(ActiveRequest request) throws Exception {
      inFlight.remove(request);
      if (request.completion.isPresent()) {
        if (seen.isPresent() && !request.isRepeat) {
          setCurrentKey(options.keyOf(request.prompt));
          seen.get()
              .completed(request.requestId(), request.prompt.retries(), request.completion.get());
        }
        emitter.completion(request);
      }
      if (!request.isRepeat) {
        turns.left(request);
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
