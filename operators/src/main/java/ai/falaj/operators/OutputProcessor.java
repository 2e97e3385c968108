package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.TokenDelta;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * Takes what the runtime says of the requests in it: tokens go into the request's samples and, once
 * per mail, into chunks; ends go to {@link Ends}. Confined to the task mailbox thread; {@link
 * RuntimeInbox} brings what the runtime's thread says.
 *
 * <p>What an abandoned attempt still makes is dropped. Anything else that breaks the runtime's
 * contract (a second end, tokens of an attempt that is over) is an {@link IllegalStateException}
 * with its values, which fails the job.
 */
final class OutputProcessor {

  /** What follows from what the runtime said. */
  interface Ends {
    void onFinished(ActiveRequest request, GenerationResult result) throws Exception;

    void onFailed(ActiveRequest request, GenerationException failure) throws Exception;

    /** All events that were there have been taken. */
    void onProcessed() throws Exception;
  }

  private final Admission admission;
  private final ChunkEmitter chunks;
  private final InferenceMetrics metrics;
  private final ProcessingTimeService timers;
  private final Ends ends;
  private final RuntimeInbox inbox;
  private boolean closed;

  OutputProcessor(
      MailboxExecutor mailbox,
      Admission admission,
      ChunkEmitter chunks,
      InferenceMetrics metrics,
      ProcessingTimeService timers,
      Ends ends) {
    this.admission = admission;
    this.chunks = chunks;
    this.metrics = metrics;
    this.timers = timers;
    this.ends = ends;
    this.inbox = new RuntimeInbox(mailbox, this::onEvents);
  }

  /** Hears of the request's current attempt. */
  GenerationListener listenerFor(ActiveRequest request) {
    return inbox.listenerFor(request);
  }

  /** Nothing is taken from now on. */
  void close() {
    closed = true;
    inbox.close();
  }

  private void onEvents(List<RuntimeInbox.Event> events) throws Exception {
    if (closed) {
      return;
    }
    Set<ActiveRequest> withNewTokens = new LinkedHashSet<>();
    for (RuntimeInbox.Event event : events) {
      ActiveRequest request = event.request();
      if (event.attempt() <= request.abandonedAttempt) {
        continue;
      }
      if (request.state != State.RUNNING || request.attempt != event.attempt()) {
        throw new IllegalStateException(
            "the runtime told %s of attempt %d after its end: %s"
                .formatted(event.content().getClass().getSimpleName(), event.attempt(), request));
      }
      if (event.content() instanceof RuntimeInbox.ServedBy served) {
        request.modelSha256 = served.model().modelSha256();
      } else if (event.content() instanceof RuntimeInbox.Tokens tokens) {
        onTokens(request, tokens.delta());
        if (chunks.wants(request)) {
          withNewTokens.add(request);
        }
      } else if (event.content() instanceof RuntimeInbox.Finished finished) {
        ends.onFinished(request, finished.result());
      } else if (event.content() instanceof RuntimeInbox.Failed failed) {
        ends.onFailed(request, failed.failure());
      }
    }
    for (ActiveRequest request : withNewTokens) {
      if (request.state == State.RUNNING) {
        chunks.maybeEmit(request);
      }
    }
    ends.onProcessed();
  }

  private void onTokens(ActiveRequest request, TokenDelta delta) {
    ActiveSample sample = request.sample(delta.sample());
    int newTokens = sample.add(delta);
    if (newTokens > 0) {
      admission.succeeded(request);
      metrics.tokensGenerated(request, newTokens);
      if (request.firstTokenAtMs.isEmpty()) {
        long nowMs = timers.getCurrentProcessingTime();
        request.firstTokenAtMs = OptionalLong.of(nowMs);
        metrics.firstToken(request, request.sinceReceiptMs(nowMs));
      }
    }
    if (chunks.wants(request)) {
      sample.chunks.append(delta);
    }
  }
}
