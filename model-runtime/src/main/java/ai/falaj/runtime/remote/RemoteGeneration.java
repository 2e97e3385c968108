package ai.falaj.runtime.remote;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.remote.protocol.Reasoning;
import ai.falaj.runtime.remote.protocol.WireException;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request in a {@link RemoteRuntime}. Confined to the runtime's thread, but for {@link
 * #cancel()}.
 *
 * <p>WAITING for its turn, RUNNING with a stream per call (two where it is hedged), ENDED. A stream
 * that fails takes the whole request with it, and what was told so far is what the next attempt
 * goes on from; unless its twin still runs, or it failed before the server said anything, in which
 * case it is sent once more: a connection that the server had given up meanwhile, or a key that was
 * replaced.
 */
final class RemoteGeneration implements GenerationHandle, RemoteStream.Owner {

  enum State {
    WAITING,
    RUNNING,
    ENDED
  }

  private static final Logger LOG = LoggerFactory.getLogger(RemoteGeneration.class);

  private final GenerationRequest request;
  private final GenerationListener listener;
  private final Dispatcher dispatcher;
  private final EventLoop loop;
  private final RemoteCounters counters;
  private final Progress progress = new Progress();
  private final List<RemoteStream> streams = new ArrayList<>();

  /** Order of arrival, among requests of the same priority. */
  final long number;

  private RequestPlan plan;
  private State state = State.WAITING;
  private boolean sentAgain;
  private EventLoop.Timer deadlineTimer;
  private EventLoop.Timer hedgeTimer;

  RemoteGeneration(
      GenerationRequest request,
      GenerationListener listener,
      long number,
      Dispatcher dispatcher,
      EventLoop loop,
      RemoteCounters counters) {
    this.request = request;
    this.listener = listener;
    this.number = number;
    this.dispatcher = dispatcher;
    this.loop = loop;
    this.counters = counters;
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  /** Any thread. */
  @Override
  public void cancel() {
    try {
      loop.execute(this::onCancel);
    } catch (RejectedExecutionException closed) {
      LOG.debug("Cancelled after the runtime was closed: {}", requestId());
    }
  }

  int priority() {
    return request.priority();
  }

  boolean hasEnded() {
    return state == State.ENDED;
  }

  /** Requests that the server gets for it. */
  int calls() {
    return plan.calls().size();
  }

  long estimatedTokens() {
    return plan.estimatedTokens();
  }

  /**
   * Checks the request and writes what it asks of the server.
   *
   * @return whether it may wait for its turn; if not, it has ended
   */
  boolean prepare(RemoteSpec spec, RemoteEndpoint endpoint) {
    if (state == State.ENDED) {
      return false;
    }
    long leftMs = request.deadlineEpochMs().orElse(Long.MAX_VALUE) - System.currentTimeMillis();
    if (leftMs <= 0) {
      fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
      return false;
    }
    try {
      plan = RequestPlan.of(spec, endpoint, request);
    } catch (GenerationException refused) {
      fail(refused);
      return false;
    }
    if (request.deadlineEpochMs().isPresent()) {
      deadlineTimer = loop.schedule(this::onDeadline, TimeUnit.MILLISECONDS.toNanos(leftMs));
    }
    return true;
  }

  /** Its turn has come. */
  void start() {
    startWithGiven();
    if (plan.calls().isEmpty()) {
      end(FinishReason.LENGTH);
      return;
    }
    for (RequestPlan.Call call : plan.calls()) {
      streams.add(dispatcher.send(this, call));
    }
    if (plan.calls().size() == 1) {
      hedgeTimer = dispatcher.maybeScheduleHedge(this::onFirstTokenIsLate);
    }
  }

  /** Ends it, whatever it is doing. */
  void fail(RuntimeErrorCode code, String message) {
    fail(new GenerationException(requestId(), code, message));
  }

  void fail(GenerationException failure) {
    if (state == State.ENDED) {
      return;
    }
    leave();
    counters.ended(false);
    tell(() -> listener.onFailed(failure));
  }

  @Override
  public void onHeaders(RemoteStream stream, HttpHeaders headers) {
    dispatcher.onHeaders(headers);
  }

  @Override
  public void onPiece(
      RemoteStream stream,
      int sample,
      int tokens,
      String reasoning,
      String text,
      List<TokenLogprob> logprobs) {
    onFirstTokenOf(stream);
    tellTokens(plan.samples().get(sample).piece(tokens, reasoning, text, logprobs));
  }

  @Override
  public void onToolCallPart(
      RemoteStream stream, int sample, int index, String id, String name, String arguments) {
    onFirstTokenOf(stream);
    tellTokens(plan.samples().get(sample).toolCallPart(index, id, name, arguments));
  }

  @Override
  public void onSampleEnd(RemoteStream stream, int sample, FinishReason reason) {
    closeTwinOf(stream);
    plan.samples().get(sample).end(reason);
  }

  @Override
  public void onComplete(RemoteStream stream) {
    closeTwinOf(stream);
    streams.remove(stream);
    dispatcher.succeeded(stream);
    addUsage(stream);
    if (state == State.RUNNING && streams.isEmpty()) {
      end(FinishReason.STOP);
    }
  }

  @Override
  public void onFailed(RemoteStream stream, WireException failure) {
    streams.remove(stream);
    dispatcher.failed(stream, failure);
    if (state != State.RUNNING || hasTwin(stream)) {
      return;
    }
    if (maySendAgain(stream, failure)) {
      sentAgain = true;
      streams.add(dispatcher.send(this, callOf(stream)));
    } else {
      fail(dispatcher.explained(failure, callOf(stream)).of(requestId()));
    }
  }

  private boolean maySendAgain(RemoteStream stream, WireException failure) {
    if (sentAgain) {
      return false;
    }
    boolean connectionBroke =
        !stream.hasResponse() && failure.code() == RuntimeErrorCode.ENGINE_FAILURE;
    return connectionBroke
        || (failure.code() == RuntimeErrorCode.UNAUTHORIZED && dispatcher.maybeTakeNewKey());
  }

  private RequestPlan.Call callOf(RemoteStream stream) {
    return plan.calls().stream()
        .filter(call -> call.firstSample() == stream.firstSample)
        .findFirst()
        .orElseThrow();
  }

  private boolean hasTwin(RemoteStream stream) {
    return streams.stream().anyMatch(other -> other.firstSample == stream.firstSample);
  }

  /** The first of two that answers is the one that counts. */
  private void closeTwinOf(RemoteStream stream) {
    for (RemoteStream other : List.copyOf(streams)) {
      if (other != stream && other.firstSample == stream.firstSample) {
        streams.remove(other);
        other.close();
        dispatcher.closed(other);
      }
    }
  }

  private void onFirstTokenOf(RemoteStream stream) {
    if (stream.isFirstPiece()) {
      closeTwinOf(stream);
      dispatcher.firstToken(stream);
    }
    progress.tokenTold();
  }

  private void onFirstTokenIsLate() {
    if (state == State.RUNNING
        && !progress.hasFirstToken()
        && streams.size() == 1
        && dispatcher.tryHedge(plan.estimatedTokens())) {
      streams.add(dispatcher.send(this, plan.calls().get(0)));
    }
  }

  private void startWithGiven() {
    state = State.RUNNING;
    progress.start();
    tell(listener::onStarted);
    for (RemoteSample sample : plan.samples()) {
      counters.resumed(sample.givenTokens());
      for (TokenDelta delta : sample.takeGiven()) {
        progress.tokenTold();
        tell(() -> listener.onTokens(delta));
      }
    }
  }

  private boolean hasGiven() {
    return plan != null && plan.samples().stream().anyMatch(sample -> sample.givenTokens() > 0);
  }

  private void onCancel() {
    if (state == State.WAITING) {
      dispatcher.withdraw(this);
    }
    endEarly(FinishReason.CANCELLED);
  }

  private void onDeadline() {
    if (state == State.ENDED) {
      return;
    }
    if (state == State.WAITING) {
      dispatcher.withdraw(this);
    }
    if (progress.hasFirstToken() || hasGiven()) {
      endEarly(FinishReason.DEADLINE);
    } else {
      fail(RuntimeErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the first token");
    }
  }

  private void endEarly(FinishReason reason) {
    if (state == State.ENDED) {
      return;
    }
    if (state == State.WAITING && hasGiven()) {
      startWithGiven(); // the reader shall have the text that is there
    }
    end(reason);
  }

  private void addUsage(RemoteStream stream) {
    Usage usage = stream.usage();
    counters.prompt(usage);
    progress.add(usage);
    boolean alone = stream.samples == 1;
    for (int i = 0; i < stream.samples; i++) {
      RemoteSample sample = plan.samples().get(stream.firstSample + i);
      int told = sample.tokens() - sample.givenTokens();
      sample
          .finish(alone ? usage.completionTokens() - told : 0, alone ? usage.reasoningTokens() : 0)
          .ifPresent(this::tellTokens);
    }
  }

  /**
   * @param reason of samples that have not said why they ended
   */
  private void end(FinishReason reason) {
    List<RemoteSample> samples = plan == null ? placeholders(request.samples()) : plan.samples();
    for (RemoteSample sample : samples) {
      if (!sample.ended()) {
        sample.end(reason);
        sample.finish(0, 0).ifPresent(this::tellTokens);
      }
    }
    leave();
    counters.ended(true);
    GenerationResult result =
        plan == null
            ? progress.result(
                samples,
                request.sampling().seed().orElse(0),
                request.sampling().maxTokens().orElse(1))
            : progress.result(samples, plan.seed(), plan.maxTokens());
    tell(() -> listener.onFinished(result));
  }

  /** Of a request that was cancelled before it was looked at. */
  private static List<RemoteSample> placeholders(int count) {
    List<RemoteSample> samples = new ArrayList<>(count);
    for (int index = 0; index < count; index++) {
      samples.add(new RemoteSample(index, Reasoning.BLOCKS, false));
    }
    return samples;
  }

  /** Gives everything back that it holds. */
  private void leave() {
    state = State.ENDED;
    for (EventLoop.Timer timer : Arrays.asList(deadlineTimer, hedgeTimer)) {
      if (timer != null) {
        timer.cancel();
      }
    }
    for (RemoteStream stream : List.copyOf(streams)) {
      stream.close();
      counters.prompt(stream.usage());
      dispatcher.closed(stream);
    }
    streams.clear();
    dispatcher.left(this);
  }

  private void tellTokens(TokenDelta delta) {
    counters.piece(delta.tokens().size());
    if (!delta.tokens().isEmpty() || !delta.text().isEmpty()) {
      tell(() -> listener.onTokens(delta));
    }
  }

  /** A listener that throws disturbs no other request. */
  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.error("The listener of request {} failed", requestId(), e);
    }
  }
}
