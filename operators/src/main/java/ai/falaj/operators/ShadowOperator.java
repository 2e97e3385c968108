package ai.falaj.operators;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Generates copies of requests with models whose answers nobody waits for. It never stands in the
 * way of the requests themselves: what finds no room is dropped, what fails is counted, nothing is
 * tried again or kept in a checkpoint, and no chunks are sent. Copies have the lowest priority and
 * count towards no tenant's budget.
 *
 * <p>A copy is RUNNING in the runtime, and then ended: with a completion, a failure, or after
 * {@link ShadowOptions#timeout}, when it is cancelled. A failure of the job loses those that run.
 *
 * <p>Confined to the task mailbox thread; the runtime's thread only posts to the mailbox.
 */
public final class ShadowOperator extends AbstractStreamOperator<OutputRecord<Completion>>
    implements OneInputStreamOperator<PromptRecord, OutputRecord<Completion>>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  private static final int LOWEST_PRIORITY = Integer.MIN_VALUE;

  private final RuntimeSpec spec;
  private final InferenceOptions inference;
  private final ShadowOptions options;
  private final transient SharedRuntimes runtimes;
  private final transient MailboxExecutor mailbox;

  private transient RuntimeLease lease;
  private transient ModelRuntime runtime;
  private transient RequestMapper mapper;
  private transient CompletionMapper completions;
  private transient CompletionSize completionSize;
  private transient RuntimeInbox inbox;
  private transient ShadowMetrics metrics;
  private transient Set<ActiveRequest> running;

  ShadowOperator(
      StreamOperatorParameters<OutputRecord<Completion>> parameters,
      RuntimeSpec spec,
      InferenceOptions inference,
      ShadowOptions options,
      SharedRuntimes runtimes) {
    super(parameters);
    this.spec = Objects.requireNonNull(spec, "spec");
    this.inference = Objects.requireNonNull(inference, "inference");
    this.options = Objects.requireNonNull(options, "options");
    this.runtimes = Objects.requireNonNull(runtimes, "runtimes");
    this.mailbox = Objects.requireNonNull(parameters.getMailboxExecutor(), "mailbox");
  }

  @Override
  public void open() throws Exception {
    super.open();
    UserCodeRuntimes.maybeCloseWithClassLoader(
        runtimes,
        AbstractStreamOperator.class.getClassLoader(),
        getRuntimeContext()::registerUserCodeClassLoaderReleaseHookIfAbsent);
    lease = runtimes.acquire(spec);
    runtime = lease.runtime();
    ServedModels models = ServedModels.of(runtime);
    mapper = new RequestMapper(models, inference);
    completions = new CompletionMapper(models);
    completionSize = new CompletionSize();
    running = new LinkedHashSet<>();
    metrics = new ShadowMetrics(getMetricGroup(), running::size);
    inbox = new RuntimeInbox(mailbox, this::onEvents);
  }

  @Override
  public void processElement(StreamRecord<PromptRecord> element) throws Exception {
    if (running.size() >= options.maxInFlight()) {
      metrics.dropped();
      return;
    }
    PromptRecord record = element.getValue();
    PromptRequest request = ((PromptRecord.Request) record.content()).request();
    GenerationRequest generation;
    try {
      generation = mapper.map(inBackground(request), record.origin());
    } catch (RejectedRequestException rejected) {
      metrics.rejected();
      LOG.debug("Not shadowed: {}: {}", record.origin(), rejected.getMessage());
      return;
    }
    OptionalLong timestampMs =
        element.hasTimestamp() ? OptionalLong.of(element.getTimestamp()) : OptionalLong.empty();
    submit(new ActiveRequest(record, generation, timestampMs, nowMs(), 0, 1));
  }

  private static PromptRequest inBackground(PromptRequest request) {
    return PromptRequest.newBuilder(request).setPriority(LOWEST_PRIORITY).setTenant(null).build();
  }

  private void submit(ActiveRequest request) {
    request.submittedAtMs = nowMs();
    try {
      request.handle = runtime.submit(request.generation, new EndListener(request));
    } catch (GenerationException refused) {
      if (refused.code() == RuntimeErrorCode.OVERLOADED) {
        metrics.dropped();
      } else {
        failed(request, refused.code(), refused.getMessage());
      }
      return;
    }
    request.state = ActiveRequest.State.RUNNING;
    request.generations = 1;
    request.totalTimer =
        getProcessingTimeService()
            .registerTimer(nowMs() + options.timeout().toMillis(), unused -> onTimeout(request));
    running.add(request);
  }

  private void onEvents(List<RuntimeInbox.Event> events) {
    for (RuntimeInbox.Event event : events) {
      ActiveRequest request = event.request();
      if (!running.remove(request)) {
        continue; // given up before
      }
      request.cancelTimers();
      if (event.content() instanceof RuntimeInbox.Finished finished) {
        finished(request, finished.result());
      } else if (event.content() instanceof RuntimeInbox.Failed failed) {
        failed(request, failed.failure().code(), failed.failure().getMessage());
      }
    }
  }

  private void finished(ActiveRequest request, GenerationResult result) {
    Completion completion = completions.completed(request, result, nowMs());
    if (result.finishReason() == FinishReason.CANCELLED
        || completionSize.exceeds(completion, inference.maxCompletionBytes())) {
      metrics.dropped();
      return;
    }
    metrics.succeeded();
    OutputRecord<Completion> record =
        new OutputRecord<>(
            Optional.of(request.requestId()), completion, request.prompt.traceparent());
    output.collect(
        request.elementTimestampMs.isPresent()
            ? new StreamRecord<>(record, request.elementTimestampMs.getAsLong())
            : new StreamRecord<>(record));
  }

  private void failed(ActiveRequest request, RuntimeErrorCode code, String message) {
    metrics.failed(code);
    LOG.info("A shadow failed with {}: {}: {}", code, request.prompt.origin(), message);
  }

  private void onTimeout(ActiveRequest request) {
    if (running.remove(request)) {
      request.handle.cancel();
      failed(request, RuntimeErrorCode.TIMEOUT, "it took longer than " + options.timeout());
    }
  }

  /** Waits for the copies that run, each until its time-out at the latest. */
  @Override
  public void endInput() throws Exception {
    while (!running.isEmpty()) {
      mailbox.yield();
    }
  }

  @Override
  public void close() throws Exception {
    try {
      if (inbox != null) {
        inbox.close();
        for (ActiveRequest request : running) {
          request.handle.cancel();
          request.cancelTimers();
        }
      }
    } finally {
      if (lease != null) {
        lease.close();
      }
      super.close();
    }
  }

  private long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  /** Posts the end of a copy; nobody reads its tokens before. */
  private final class EndListener implements GenerationListener {
    private final GenerationListener toMailbox;

    EndListener(ActiveRequest request) {
      toMailbox = inbox.listenerFor(request);
    }

    @Override
    public void onTokens(TokenDelta delta) {}

    @Override
    public void onFinished(GenerationResult result) {
      toMailbox.onFinished(result);
    }

    @Override
    public void onFailed(GenerationException failure) {
      toMailbox.onFailed(failure);
    }
  }
}
