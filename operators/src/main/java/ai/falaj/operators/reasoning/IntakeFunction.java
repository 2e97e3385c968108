package ai.falaj.operators.reasoning;

import ai.falaj.operators.DeadLetters;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RequestedSampling;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes problems of prompts, and dead letters of what is none. Keyed as the clients' records are:
 * it knows the problems of a key that may still be on their way, so that an empty record cancels
 * each of them wherever it is.
 *
 * <p>Nobody tells it of a problem's end, as nothing flows backwards. So it forgets a problem when
 * its hard time-out is over, some hundred bytes until then; a cancellation that comes in between
 * follows an ended problem and meets nothing.
 *
 * <p>Confined to the task thread. No record fails the job.
 */
final class IntakeFunction extends KeyedProcessFunction<String, PromptRecord, ProblemEvent> {

  private static final long serialVersionUID = 1L;

  private final ReasoningOptions options;

  /** When to forget a problem, in milliseconds since the epoch, by its key. */
  private transient MapState<String, Long> cancellable;

  IntakeFunction(ReasoningOptions options) {
    this.options = Objects.requireNonNull(options, "options");
  }

  @Override
  public void open(OpenContext context) {
    cancellable =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("cancellable", Types.STRING, Types.LONG));
  }

  @Override
  public void processElement(PromptRecord record, Context context, Collector<ProblemEvent> out)
      throws Exception {
    long nowMs = context.timerService().currentProcessingTime();
    if (record.content() instanceof PromptRecord.Undecodable undecodable) {
      deadLetter(context, record, undecodable.code(), undecodable.message(), nowMs);
    } else if (record.content() instanceof PromptRecord.Cancellation) {
      cancel(record, context, out, nowMs);
    } else if (record.content() instanceof PromptRecord.Request request) {
      accept(record, request.request(), context, out, nowMs);
    }
  }

  private void accept(
      PromptRecord record,
      PromptRequest request,
      Context context,
      Collector<ProblemEvent> out,
      long nowMs)
      throws Exception {
    int samples;
    try {
      requireAnswerable(request);
      samples = samples(request);
    } catch (IllegalArgumentException e) {
      ErrorCode code =
          request.getMessages().stream().allMatch(message -> message.getContent().isBlank())
              ? ErrorCode.EMPTY_PROMPT
              : ErrorCode.INVALID_PARAMETER;
      deadLetter(context, record, code, e.getMessage(), nowMs);
      return;
    }
    Problem problem = new Problem(record, trace(request, samples, nowMs), List.of());
    long forgetAtMs = nowMs + options.patience().hard().toMillis() + SolveStep.PARTIAL_GRACE_MS;
    cancellable.put(problem.key(), forgetAtMs);
    context.timerService().registerProcessingTimeTimer(forgetAtMs);
    out.collect(problem);
  }

  private static void requireAnswerable(PromptRequest request) {
    if (request.getRequestId().isBlank()) {
      throw new IllegalArgumentException("request_id is empty; give each request a unique one");
    }
    if (!Question.isAsked(request)) {
      throw new IllegalArgumentException(
          "the last of %d messages is no text of a user; a reasoning job answers one"
              .formatted(request.getMessages().size()));
    }
    SamplingParameters sampling = request.getSampling();
    if (sampling == null) {
      return;
    }
    RequestedSampling.requireValid(sampling);
    if (sampling.getN() != null && sampling.getN() != 1) {
      throw new IllegalArgumentException(
          "n is %d and a reasoning job gives one answer; leave it out, and ask for candidates with the metadata %s"
              .formatted(sampling.getN(), ReasoningOptions.SAMPLES_METADATA));
    }
  }

  private int samples(PromptRequest request) {
    String asked = request.getMetadata().get(ReasoningOptions.SAMPLES_METADATA);
    if (asked == null) {
      return options.samples();
    }
    int samples = asked.matches("[0-9]{1,3}") ? Integer.parseInt(asked) : 0;
    if (samples < 1 || samples > options.samples()) {
      throw new IllegalArgumentException(
          "the metadata %s must be 1 to %d, which is what this job is configured for"
              .formatted(ReasoningOptions.SAMPLES_METADATA, options.samples()));
    }
    return samples;
  }

  private ReasoningTrace trace(PromptRequest request, int samples, long nowMs) {
    return ReasoningTrace.newBuilder()
        .setRequestId(request.getRequestId())
        .setConversationId(request.getConversationId())
        .setTenant(request.getTenant())
        .setQuestion(Question.inContext(request))
        .setOutcome(ReasoningOutcome.OPEN)
        .setSamples(samples)
        .setSelection(options.selection().recorded())
        .setMetadata(new HashMap<>(request.getMetadata()))
        .setStartedAt(Instant.ofEpochMilli(nowMs))
        .setCompletedAt(Instant.ofEpochMilli(nowMs))
        .build();
  }

  private void cancel(
      PromptRecord tombstone, Context context, Collector<ProblemEvent> out, long nowMs)
      throws Exception {
    if (tombstone.key().isEmpty()) {
      deadLetter(
          context,
          tombstone,
          ErrorCode.UNDECODABLE_RECORD,
          "the record has neither key nor value; a cancellation needs the key of the requests that it cancels",
          nowMs);
      return;
    }
    for (String key : cancellable.keys()) {
      out.collect(new ProblemCancellation(key, tombstone));
    }
    cancellable.clear();
  }

  @Override
  public void onTimer(long timestampMs, OnTimerContext context, Collector<ProblemEvent> out)
      throws Exception {
    List<String> over = new ArrayList<>();
    for (Map.Entry<String, Long> problem : cancellable.entries()) {
      if (problem.getValue() <= timestampMs) {
        over.add(problem.getKey());
      }
    }
    for (String key : over) {
      cancellable.remove(key);
    }
  }

  private static void deadLetter(
      Context context, PromptRecord record, ErrorCode code, String message, long nowMs) {
    context.output(InferenceOutputs.DEAD_LETTERS, DeadLetters.of(record, code, message, 0, nowMs));
  }
}
