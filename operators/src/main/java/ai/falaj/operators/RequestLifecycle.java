package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.ToolResponse;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes each request from its acceptance to its one end: a completion or a dead letter. Confined to
 * the task mailbox thread; {@link OutputProcessor} brings what the runtime says, {@link Admission}
 * says when requests may go there.
 *
 * <p>What follows from a failure stands in {@link ErrorPolicy}. Whatever a generation made before
 * it failed is given to the next one; {@link Backoff} says when.
 */
final class RequestLifecycle implements OutputProcessor.Ends, RequestTimers.Expiry {

  /** What requests become. */
  interface Results {
    /** The request has ended and may leave when it is its turn. */
    void ended(ActiveRequest request) throws Exception;

    /** The request has ended, and without a completion. */
    void deadLetter(ActiveRequest request, ErrorCode code, String message) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(RequestLifecycle.class);

  private final ModelRuntime runtime;
  private final InFlightRequests inFlight;
  private final Backoff backoff;
  private final Timeouts timeouts;
  private final RequestTimers requestTimers;
  private final int maxCompletionBytes;
  private final CompletionSize completionSize = new CompletionSize();
  private final CompletionMapper completions;
  private final ChunkEmitter chunks;
  private final InferenceMetrics metrics;
  private final ProcessingTimeService timers;
  private final Results results;
  private final ToolRounds tools;
  private final OutputProcessor outputs;
  private final Admission admission;
  private boolean runtimeIsBroken;
  private boolean closed;

  RequestLifecycle(
      ModelRuntime runtime,
      InFlightRequests inFlight,
      InferenceOptions options,
      ChunkEmitter chunks,
      OutputEmitter emitter,
      InferenceMetrics metrics,
      ProcessingTimeService timers,
      MailboxExecutor mailbox,
      Results results,
      RandomGenerator random) {
    this.runtime = runtime;
    this.inFlight = inFlight;
    this.backoff = new Backoff(options.retry(), timers, random, this::retry);
    this.timeouts = options.timeouts();
    this.requestTimers = new RequestTimers(timeouts, timers, this);
    this.maxCompletionBytes = options.maxCompletionBytes();
    this.completions = new CompletionMapper(ServedModels.of(runtime));
    this.chunks = chunks;
    this.metrics = metrics;
    this.timers = timers;
    this.results = results;
    this.tools =
        new ToolRounds(options.tools(), inFlight, emitter, metrics, timers, new AfterTools());
    this.admission = new Admission(timers, options.circuitBreaker(), metrics, this::submitWaiting);
    this.outputs = new OutputProcessor(mailbox, admission, chunks, metrics, timers, this);
  }

  /**
   * Queues an accepted or restored request and submits what there is room for.
   *
   * @param itsTurn whether no other request of its conversation is before it; else {@link
   *     #turnCame} lets it go on
   */
  void start(ActiveRequest request, boolean itsTurn) throws Exception {
    if (request.cancelled && !request.hasTokens()) {
      endCancelled(request);
      return;
    }
    requestTimers.accepted(request);
    if (!itsTurn) {
      request.state = State.WAITING_FOR_TURN;
      inFlight.park(request);
    } else if (request.waitsForTools()) {
      tools.waitForResults(request);
    } else {
      inFlight.enqueue(request);
    }
    submitWaiting();
  }

  /** The request before it in its conversation has left. */
  void turnCame(ActiveRequest request) throws Exception {
    inFlight.unpark(request);
    inFlight.enqueue(request);
    submitWaiting();
  }

  void toolAnswered(ToolResponse response) throws Exception {
    tools.answer(response);
  }

  /**
   * Ends the requests of a key that were written before the cancellation and have not ended, each
   * with what it has so far. Those in the runtime end within one of its steps.
   */
  void cancel(ByteBuffer key, RecordOrigin cancellation) throws Exception {
    for (ActiveRequest request : inFlight.withKey(key)) {
      if (!request.prompt.origin().mayPrecede(cancellation)) {
        continue;
      }
      request.cancelled = true;
      switch (request.state) {
        case RUNNING -> request.handle.cancel();
        case WAITING -> {
          if (!request.hasTokens()) {
            inFlight.stopWaiting(request);
            endCancelled(request);
          }
        }
        case BACKING_OFF -> {
          request.retryTimer.cancel(false);
          waitForSubmission(request);
        }
        case WAITING_FOR_TURN -> endCancelled(request);
        case CALLING_TOOLS -> {
          tools.stopWaiting(request);
          endCancelled(request);
        }
        case ENDED -> LOG.debug("Cancelled after its end: {}", request);
      }
    }
    submitWaiting();
  }

  /** Takes back everything that the runtime still has. Nothing is emitted from now on. */
  void close() {
    closed = true;
    outputs.close();
    admission.close();
    for (ActiveRequest request : inFlight.all()) {
      if (request.state == State.RUNNING) {
        request.handle.cancel();
      }
      request.cancelTimers();
    }
  }

  /** Whether this job failed because of the runtime, and should not find it again. */
  boolean runtimeIsBroken() {
    return runtimeIsBroken;
  }

  /**
   * Puts a request first in the line. One that is cancelled and has tokens goes to the runtime once
   * more, which knows their text.
   */
  private void waitForSubmission(ActiveRequest request) throws Exception {
    if (request.cancelled && !request.hasTokens()) {
      endCancelled(request);
    } else {
      inFlight.enqueueFirst(request);
    }
  }

  private void endCancelled(ActiveRequest request) throws Exception {
    chunks.emitCancelled(request);
    long nowMs = nowMs();
    Completion completion = completions.cancelled(request, nowMs);
    metrics.succeeded(request, completion.getFinishReason(), request.sinceReceiptMs(nowMs));
    end(request, Optional.of(completion));
  }

  private void submitWaiting() throws Exception {
    while (inFlight.hasRoomForNext() && admission.tryEnter(inFlight.nextWaiting())) {
      submit(inFlight.pollWaiting());
    }
  }

  private void submit(ActiveRequest request) throws Exception {
    inFlight.entersRuntime(request);
    request.submittedAtMs = nowMs();
    try {
      if (!request.hasTokens()) {
        request.modelSha256 = runtime.info().modelSha256();
      }
      request.handle = runtime.submit(request.nextGeneration(), outputs.listenerFor(request));
      request.state = State.RUNNING;
      request.generations++;
    } catch (GenerationException refused) {
      onFailed(request, refused);
      return;
    }
    if (request.cancelled) {
      request.handle.cancel();
    } else {
      requestTimers.submitted(request);
    }
  }

  @Override
  public void onProcessed() throws Exception {
    submitWaiting();
  }

  @Override
  public void onFinished(ActiveRequest request, GenerationResult result) throws Exception {
    if (result.samples().size() != request.samples.size()) {
      throw new IllegalStateException(
          "the runtime gave %d samples: %s".formatted(result.samples().size(), request));
    }
    if (result.samples().stream().anyMatch(s -> s.finishReason() == FinishReason.CANCELLED)) {
      admission.undecided(request);
    } else {
      admission.succeeded(request);
    }
    if (tools.calls(result)) {
      chunks.maybeEmit(request);
      leaveRuntime(request);
      if (request.cancelled) {
        endCancelled(request);
      } else {
        tools.ask(request, result);
      }
      return;
    }
    chunks.emitLast(request, result);
    leaveRuntime(request);
    long nowMs = nowMs();
    Completion completion = completions.completed(request, result, nowMs);
    if (completionSize.exceeds(completion, maxCompletionBytes)) {
      long bytes = completionSize.bytes(completion);
      giveUp(
          request,
          ErrorCode.COMPLETION_TOO_LARGE,
          GiveUpMessages.tooLarge(bytes, maxCompletionBytes));
      return;
    }
    metrics.finished(request, result, completion.getFinishReason(), request.sinceReceiptMs(nowMs));
    end(request, Optional.of(completion));
  }

  @Override
  public void onFailed(ActiveRequest request, GenerationException failure) throws Exception {
    leaveRuntime(request);
    ErrorPolicy policy = ErrorPolicy.of(failure.code());
    if (policy.action() == FailureAction.RETRY) {
      admission.failed(request);
    } else if (policy.action() != FailureAction.WAIT) {
      admission.undecided(request);
    }
    switch (policy.action()) {
      case WAIT -> {
        admission.overloaded(request);
        waitForSubmission(request);
      }
      case START_OVER -> {
        LOG.info("Generation starts over: {}: {}", failure.getMessage(), request);
        metrics.startedOver();
        request.startOverAsNextAttempt();
        waitForSubmission(request);
      }
      case RETRY -> retryOrGiveUp(request, failure);
      case DEAD_LETTER -> giveUp(request, policy.deadLetterCode(), failure.getMessage());
      case FAIL_JOB -> {
        runtimeIsBroken = true;
        throw failure;
      }
    }
  }

  private void retryOrGiveUp(ActiveRequest request, GenerationException failure) throws Exception {
    request.failures++;
    if (!backoff.allowsAnother(request)) {
      if (request.cancelled) {
        request.startOverAsNextAttempt();
        endCancelled(request);
      } else {
        giveUp(request, ErrorCode.RETRIES_EXHAUSTED, GiveUpMessages.exhausted(request, failure));
      }
      return;
    }
    request.resumeAsNextAttempt();
    if (request.cancelled) {
      waitForSubmission(request);
    } else {
      backoff.begin(request, failure);
    }
  }

  /** Its wait after a failure is over. */
  private void retry(ActiveRequest request) throws Exception {
    if (!closed) {
      metrics.retried();
      inFlight.enqueueFirst(request);
      submitWaiting();
    }
  }

  @Override
  public void onAttemptTimeout(ActiveRequest request) throws Exception {
    if (closed) {
      return;
    }
    abandon(request);
    onFailed(
        request,
        new GenerationException(
            request.requestId(),
            RuntimeErrorCode.TIMEOUT,
            "the generation took longer than " + timeouts.attempt()));
    submitWaiting();
  }

  @Override
  public void onTotalTimeout(ActiveRequest request) throws Exception {
    if (closed) {
      return;
    }
    switch (request.state) {
      case RUNNING -> {
        abandon(request);
        leaveRuntime(request);
        admission.undecided(request);
      }
      case WAITING -> inFlight.stopWaiting(request);
      case BACKING_OFF -> request.retryTimer.cancel(false);
      case CALLING_TOOLS -> tools.stopWaiting(request);
      case WAITING_FOR_TURN -> LOG.debug("Its turn did not come: {}", request);
      case ENDED -> throw new IllegalStateException("ended before: " + request);
    }
    giveUp(request, ErrorCode.TIMEOUT, GiveUpMessages.tooLong(request, timeouts.total()));
    submitWaiting();
  }

  /** The runtime may go on with this attempt for a while; nobody listens any more. */
  private void abandon(ActiveRequest request) {
    request.abandonedAttempt = request.attempt;
    request.handle.cancel();
  }

  private void leaveRuntime(ActiveRequest request) {
    inFlight.leftRuntime(request);
    admission.roomMayBeFree();
    requestTimers.leftRuntime(request);
  }

  private void giveUp(ActiveRequest request, ErrorCode code, String message) throws Exception {
    results.deadLetter(request, code, message);
    end(request, Optional.empty());
  }

  private void end(ActiveRequest request, Optional<Completion> completion) throws Exception {
    request.state = State.ENDED;
    request.completion = completion;
    request.cancelTimers();
    if (tools.areEnabled()) {
      // One before it in its order may wait for a tool.
      inFlight.park(request);
    }
    results.ended(request);
  }

  /** What tools said goes into the next generation, before those that were not asked yet. */
  private final class AfterTools implements ToolRounds.Continuation {
    @Override
    public void resume(ActiveRequest request) throws Exception {
      inFlight.enqueueFirst(request);
      submitWaiting();
    }

    @Override
    public void giveUp(ActiveRequest request, ErrorCode code, String message) throws Exception {
      RequestLifecycle.this.giveUp(request, code, message);
      submitWaiting();
    }
  }

  private long nowMs() {
    return timers.getCurrentProcessingTime();
  }
}
