package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ErrorCode;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes each request from its acceptance to its one end: a completion or a dead letter. Confined to
 * the task mailbox thread; {@link RuntimeInbox} brings what the runtime's thread says.
 *
 * <p>What follows from a failure stands in {@link ErrorPolicy}. Anything that breaks the runtime's
 * contract (a second end, tokens of an attempt that is over) is an {@link IllegalStateException}
 * with its values, which fails the job.
 */
final class RequestLifecycle {

  /** What requests become. */
  interface Results {
    /** The request has ended and may leave when it is its turn. */
    void ended(ActiveRequest request) throws Exception;

    /** The request has ended, and without a completion. */
    void deadLetter(ActiveRequest request, ErrorCode code, String message);
  }

  private static final Logger LOG = LoggerFactory.getLogger(RequestLifecycle.class);

  /** How long to wait for room in a shared runtime that others filled. */
  private static final long OVERLOAD_RETRY_MS = 50;

  private final ModelRuntime runtime;
  private final InFlightRequests inFlight;
  private final RetryPolicy retry;
  private final int maxCompletionBytes;
  private final CompletionSize completionSize = new CompletionSize();
  private final CompletionMapper completions;
  private final ChunkEmitter chunks;
  private final InferenceMetrics metrics;
  private final ProcessingTimeService timers;
  private final Results results;
  private final RuntimeInbox inbox;
  private final RandomGenerator random;

  /** Since the runtime refused a request, until something suggests that it has room again. */
  private boolean overloaded;

  private boolean overloadTimerIsSet;
  private boolean runtimeIsBroken;
  private boolean closed;

  RequestLifecycle(
      ModelRuntime runtime,
      InFlightRequests inFlight,
      InferenceOptions options,
      ChunkEmitter chunks,
      InferenceMetrics metrics,
      ProcessingTimeService timers,
      MailboxExecutor mailbox,
      Results results,
      RandomGenerator random) {
    this.runtime = runtime;
    this.inFlight = inFlight;
    this.retry = options.retry();
    this.maxCompletionBytes = options.maxCompletionBytes();
    this.completions = new CompletionMapper(runtime.info());
    this.chunks = chunks;
    this.metrics = metrics;
    this.timers = timers;
    this.results = results;
    this.random = random;
    this.inbox = new RuntimeInbox(mailbox, this::onEvents);
  }

  /** Queues an accepted request and submits what there is room for. */
  void start(ActiveRequest request) throws Exception {
    inFlight.enqueue(request);
    submitWaiting();
  }

  /**
   * Ends all requests of a key that have not ended, each with what it has so far. Those in the
   * runtime end within one of its steps.
   */
  void cancel(ByteBuffer key) throws Exception {
    for (ActiveRequest request : inFlight.withKey(key)) {
      request.cancelled = true;
      switch (request.state) {
        case RUNNING -> request.handle.cancel();
        case WAITING, BACKING_OFF -> endCancelled(request);
        case ENDED -> LOG.debug("Cancelled after its end: {}", request);
      }
    }
    submitWaiting();
  }

  /** Ends a request that is cancelled and not in the runtime. */
  void endCancelled(ActiveRequest request) throws Exception {
    if (request.state == State.BACKING_OFF) {
      request.retryTimer.cancel(false);
      inFlight.leftRuntime(request);
      // The completion is empty: its last chunk must replace those of the failed attempt.
      request.startNextAttempt();
    } else {
      inFlight.stopWaiting(request);
    }
    chunks.emitCancelled(request);
    Completion completion = completions.cancelled(request, nowMs());
    metrics.succeeded(completion.getFinishReason(), sinceReceiptMs(request));
    end(request, Optional.of(completion));
  }

  /** Takes back everything that the runtime still has. Nothing is emitted from now on. */
  void close() {
    closed = true;
    inbox.close();
    for (ActiveRequest request : inFlight.all()) {
      if (request.state == State.RUNNING) {
        request.handle.cancel();
      } else if (request.state == State.BACKING_OFF) {
        request.retryTimer.cancel(false);
      }
    }
  }

  private void submitWaiting() throws Exception {
    ActiveRequest next;
    while (!overloaded && (next = inFlight.pollWaiting()) != null) {
      inFlight.entersRuntime(next);
      submit(next);
    }
  }

  private void submit(ActiveRequest request) throws Exception {
    request.submittedAtMs = nowMs();
    try {
      request.handle = runtime.submit(request.generation, inbox.listenerFor(request));
      request.state = State.RUNNING;
      request.generations++;
    } catch (GenerationException refused) {
      onFailed(request, refused);
    }
  }

  private void onEvents(List<RuntimeInbox.Event> events) throws Exception {
    if (closed) {
      return;
    }
    Set<ActiveRequest> withNewTokens = new LinkedHashSet<>();
    for (RuntimeInbox.Event event : events) {
      ActiveRequest request = event.request();
      if (request.state != State.RUNNING || request.attempt != event.attempt()) {
        throw new IllegalStateException(
            "the runtime told %s of attempt %d after its end: %s"
                .formatted(event.content().getClass().getSimpleName(), event.attempt(), request));
      }
      if (event.content() instanceof RuntimeInbox.Tokens tokens) {
        onTokens(request, tokens.delta());
        withNewTokens.add(request);
      } else if (event.content() instanceof RuntimeInbox.Finished finished) {
        onFinished(request, finished.result());
      } else if (event.content() instanceof RuntimeInbox.Failed failed) {
        onFailed(request, failed.failure());
      }
    }
    for (ActiveRequest request : withNewTokens) {
      if (request.state == State.RUNNING) {
        chunks.maybeEmit(request);
      }
    }
    submitWaiting();
  }

  private void onTokens(ActiveRequest request, TokenDelta delta) {
    if (!request.firstTokenSeen) {
      request.firstTokenSeen = true;
      metrics.firstToken(sinceReceiptMs(request));
    }
    ActiveSample sample = request.sample(delta.sample());
    sample.add(delta);
    metrics.tokensGenerated(request.tenant(), delta.tokens().size());
    if (chunks.wants(request)) {
      sample.chunks.append(delta);
    }
  }

  private void onFinished(ActiveRequest request, GenerationResult result) throws Exception {
    if (result.samples().size() != request.samples.size()) {
      throw new IllegalStateException(
          "the runtime gave %d samples: %s".formatted(result.samples().size(), request));
    }
    chunks.emitLast(request, result);
    Completion completion = completions.completed(request, result, nowMs());
    long bytes = completionSize.bytes(completion);
    if (bytes > maxCompletionBytes) {
      inFlight.leftRuntime(request);
      results.deadLetter(request, ErrorCode.COMPLETION_TOO_LARGE, tooLarge(bytes));
      end(request, Optional.empty());
      return;
    }
    metrics.finished(
        request.tenant(), result, completion.getFinishReason(), sinceReceiptMs(request));
    inFlight.leftRuntime(request);
    end(request, Optional.of(completion));
  }

  private void onFailed(ActiveRequest request, GenerationException failure) throws Exception {
    ErrorPolicy policy = ErrorPolicy.of(failure.code());
    switch (policy.action()) {
      case WAIT -> {
        inFlight.leftRuntime(request);
        waitForRoom(request);
      }
      case RETRY -> retryOrGiveUp(request, failure);
      case DEAD_LETTER -> {
        inFlight.leftRuntime(request);
        results.deadLetter(request, policy.deadLetterCode(), failure.getMessage());
        end(request, Optional.empty());
      }
      case FAIL_JOB -> {
        runtimeIsBroken = true;
        throw failure;
      }
    }
  }

  private void waitForRoom(ActiveRequest request) throws Exception {
    metrics.overloaded();
    inFlight.enqueueFirst(request);
    overloaded = true;
    if (!overloadTimerIsSet) {
      overloadTimerIsSet = true;
      timers.registerTimer(nowMs() + OVERLOAD_RETRY_MS, unused -> onOverloadTimer());
    }
    if (request.cancelled) {
      endCancelled(request);
    }
  }

  private void onOverloadTimer() throws Exception {
    overloadTimerIsSet = false;
    overloaded = false;
    if (!closed) {
      submitWaiting();
    }
  }

  private void retryOrGiveUp(ActiveRequest request, GenerationException failure) throws Exception {
    request.failures++;
    if (!request.cancelled && !retry.allowsAfter(request.failures)) {
      inFlight.leftRuntime(request);
      results.deadLetter(request, ErrorCode.RETRIES_EXHAUSTED, exhausted(request, failure));
      end(request, Optional.empty());
      return;
    }
    long backoffMs = retry.backoffMs(request.failures, random);
    LOG.warn(
        "Generation failed with {}, next attempt in {} ms: {}", failure.code(), backoffMs, request);
    request.state = State.BACKING_OFF;
    request.retryTimer = timers.registerTimer(nowMs() + backoffMs, unused -> submitAgain(request));
    if (request.cancelled) {
      endCancelled(request);
    }
  }

  private void submitAgain(ActiveRequest request) throws Exception {
    if (closed || request.state != State.BACKING_OFF) {
      return;
    }
    metrics.retried();
    request.startNextAttempt();
    submit(request);
  }

  private void end(ActiveRequest request, Optional<Completion> completion) throws Exception {
    request.state = State.ENDED;
    request.completion = completion;
    overloaded = false;
    results.ended(request);
  }

  private String tooLarge(long bytes) {
    return "the completion has %d bytes and this job publishes at most %d; ask for fewer samples, tokens or logprobs"
        .formatted(bytes, maxCompletionBytes);
  }

  private static String exhausted(ActiveRequest request, GenerationException failure) {
    return "%d generations failed, the last with %s: %s; send the prompt again when the engine is healthy"
        .formatted(request.failures, failure.code(), failure.getMessage());
  }

  /** Whether this job failed because of the runtime, and should not find it again. */
  boolean runtimeIsBroken() {
    return runtimeIsBroken;
  }

  private long nowMs() {
    return timers.getCurrentProcessingTime();
  }

  private long sinceReceiptMs(ActiveRequest request) {
    return Math.max(0, nowMs() - request.receivedAtMs);
  }
}
