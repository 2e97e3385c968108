package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.ToolRequest;
import ai.falaj.schemas.ToolResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for the tools that models call, waits for what they say, and lets the generations go on.
 * Confined to the task mailbox thread.
 *
 * <p>A request whose generation ended with calls waits in CALLING_TOOLS, parked: it has no room in
 * the runtime, and none in the bound that keeps input out, as its responses come in by that input.
 * It goes on when all calls of the round have a result, which after the time-out they have. A call
 * of a tool that the request does not have gets its result here.
 *
 * <p><b>Failures.</b> A round is in the checkpoint from the moment it is asked for, and the results
 * with it as they come; a restored request waits for the others and its time-out begins anew. Where
 * the generation itself is made again because no checkpoint knew its end, its calls are asked for
 * again, under the same names if they are the same calls.
 */
final class ToolRounds {

  /** What becomes of a request after its wait. */
  interface Continuation {
    /** The next generation begins with all results. */
    void resume(ActiveRequest request) throws Exception;

    /** There will be none. */
    void giveUp(ActiveRequest request, ErrorCode code, String message) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ToolRounds.class);

  private final ToolOptions options;
  private final InFlightRequests inFlight;
  private final OutputEmitter emitter;
  private final InferenceMetrics metrics;
  private final ProcessingTimeService timers;
  private final Continuation continuation;

  /** By the name of a call; the same request may be in flight twice. */
  private final Map<String, List<ActiveRequest>> waiting = new HashMap<>();

  ToolRounds(
      ToolOptions options,
      InFlightRequests inFlight,
      OutputEmitter emitter,
      InferenceMetrics metrics,
      ProcessingTimeService timers,
      Continuation continuation) {
    this.options = options;
    this.inFlight = inFlight;
    this.emitter = emitter;
    this.metrics = metrics;
    this.timers = timers;
    this.continuation = continuation;
  }

  /** Whether requests that end may hold others of their order back, and so must not hold input. */
  boolean areEnabled() {
    return options.enabled();
  }

  /** Whether the generation ended with calls that are to be made. */
  boolean calls(GenerationResult result) {
    return options.enabled() && !result.samples().get(0).toolCalls().isEmpty();
  }

  /** Takes a request that has left the runtime with calls. */
  void ask(ActiveRequest request, GenerationResult result) throws Exception {
    int number = request.rounds.size() + 1;
    if (number > options.maxRounds()) {
      continuation.giveUp(
          request,
          ErrorCode.TOO_MANY_TOOL_ROUNDS,
          "the model called tools once more after %d rounds; allow more rounds, or give it tools that answer the question"
              .formatted(options.maxRounds()));
      return;
    }
    ToolRound round = round(request, number, result);
    request.rounds.add(round);
    request.startOverAsNextAttempt();
    metrics.calledTools(request, result);
    for (ToolRound.Call call : round.open()) {
      emitter.toolRequest(request, toolRequest(request, number, call));
    }
    waitForResults(request);
  }

  /** Takes a request whose last round may have open calls that were asked for. */
  void waitForResults(ActiveRequest request) throws Exception {
    if (request.lastRound().isAnswered()) {
      goOn(request);
      return;
    }
    request.state = State.CALLING_TOOLS;
    inFlight.park(request);
    request
        .lastRound()
        .open()
        .forEach(
            call ->
                waiting
                    .computeIfAbsent(call.toolRequestId(), unused -> new ArrayList<>(1))
                    .add(request));
    request.toolTimer =
        timers.registerTimer(nowMs() + options.timeout().toMillis(), unused -> onTimeout(request));
  }

  /** Takes what a tool said; of a call that nobody waits for it is counted and dropped. */
  void answer(ToolResponse response) throws Exception {
    List<ActiveRequest> requests = waiting.remove(response.getToolRequestId());
    if (requests == null) {
      metrics.unexpectedToolResponse();
      LOG.debug("Nobody waits for the tool response {}", response.getToolRequestId());
      return;
    }
    ToolResult result = ToolResult.said(response.getContent(), response.getIsError());
    for (ActiveRequest request : requests) {
      request.setLastRound(request.lastRound().with(response.getToolRequestId(), result));
      if (request.lastRound().isAnswered()) {
        goOn(request);
      }
    }
  }

  /** The request ends in another way. */
  void stopWaiting(ActiveRequest request) {
    request.toolTimer.cancel(false);
    for (ToolRound.Call call : request.lastRound().open()) {
      waiting.computeIfPresent(
          call.toolRequestId(),
          (id, requests) -> {
            requests.remove(request);
            return requests.isEmpty() ? null : requests;
          });
    }
  }

  private void onTimeout(ActiveRequest request) throws Exception {
    if (request.state != State.CALLING_TOOLS) {
      return;
    }
    List<ToolRound.Call> open = request.lastRound().open();
    String names =
        open.stream().map(call -> call.call().name()).distinct().collect(Collectors.joining(", "));
    LOG.warn("Tools {} did not answer within {}: {}", names, options.timeout(), request);
    metrics.toolTimedOut();
    stopWaiting(request);
    if (options.onTimeout() == ToolOptions.OnTimeout.DEAD_LETTER) {
      continuation.giveUp(
          request,
          ErrorCode.TOOL_TIMEOUT,
          "%d calls of the tools %s were not answered within %s; look at who reads their topic, or allow more time"
              .formatted(open.size(), names, options.timeout()));
      return;
    }
    ToolRound round = request.lastRound();
    for (ToolRound.Call call : open) {
      round = round.with(call.toolRequestId(), ToolResult.timedOut(options.timeout()));
    }
    request.setLastRound(round);
    goOn(request);
  }

  private void goOn(ActiveRequest request) throws Exception {
    if (request.toolTimer != null) {
      request.toolTimer.cancel(false);
    }
    inFlight.unpark(request);
    request.continueAfter(request.lastRound());
    continuation.resume(request);
  }

  private static ToolRound round(ActiveRequest request, int number, GenerationResult result) {
    Set<String> known =
        request.generation.tools().stream()
            .map(ToolDefinition::name)
            .collect(Collectors.toCollection(TreeSet::new));
    List<ToolRound.Call> calls = new ArrayList<>();
    for (ToolCall call : result.samples().get(0).toolCalls()) {
      calls.add(
          new ToolRound.Call(
              ToolRound.toolRequestId(request.requestId(), number, calls.size(), call),
              call,
              known.contains(call.name())
                  ? Optional.empty()
                  : Optional.of(ToolResult.unknownTool(known))));
    }
    return new ToolRound(result.answer(), result.usage(), calls);
  }

  private ToolRequest toolRequest(ActiveRequest request, int number, ToolRound.Call call) {
    long nowMs = nowMs();
    return ToolRequest.newBuilder()
        .setToolRequestId(call.toolRequestId())
        .setRequestId(request.requestId())
        .setConversationId(request.request().getConversationId())
        .setTenant(request.request().getTenant())
        .setKey(request.prompt.key().orElse(null))
        .setRound(number)
        .setCallId(call.call().id())
        .setName(call.call().name())
        .setArguments(call.call().arguments())
        .setMetadata(Map.copyOf(request.request().getMetadata()))
        .setAnswerUntil(Instant.ofEpochMilli(nowMs + options.timeout().toMillis()))
        .setCreatedAt(Instant.ofEpochMilli(nowMs))
        .build();
  }

  private long nowMs() {
    return timers.getCurrentProcessingTime();
  }
}
