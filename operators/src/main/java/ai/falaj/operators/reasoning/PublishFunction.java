package ai.falaj.operators.reasoning;

import ai.falaj.operators.DeadLetters;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Turns problems that are over into records: a completion or a dead letter, and in either case a
 * trace. A cancellation that got this far followed a problem that was over before. Stateless.
 */
final class PublishFunction extends ProcessFunction<ProblemEvent, OutputRecord<Completion>> {

  private static final long serialVersionUID = 1L;

  private final int maxTraceBytes;
  private final boolean chunks;

  private transient TraceSize traceSize;
  private transient Counter answered;
  private transient Counter failed;
  private transient Counter cancelled;

  /**
   * @param chunks whether the solver sends chunks
   */
  PublishFunction(int maxTraceBytes, boolean chunks) {
    this.maxTraceBytes = maxTraceBytes;
    this.chunks = chunks;
  }

  @Override
  public void open(OpenContext context) {
    traceSize = new TraceSize();
    MetricGroup metrics = getRuntimeContext().getMetricGroup().addGroup("falaj");
    answered = metrics.counter("reasoningAnswered");
    failed = metrics.counter("reasoningFailed");
    cancelled = metrics.counter("reasoningCancelled");
  }

  @Override
  public void processElement(
      ProblemEvent event, Context context, Collector<OutputRecord<Completion>> out) {
    if (!(event instanceof Problem problem)) {
      return;
    }
    long nowMs = context.timerService().currentProcessingTime();
    ReasoningTrace.Builder trace = ReasoningTrace.newBuilder(Answers.trace(problem, nowMs));
    Optional<Completion> completion =
        problem.trace().getOutcome() == ReasoningOutcome.FAILED
            ? Optional.empty()
            : Answers.completion(problem, nowMs);
    if (completion.isPresent()) {
      (problem.isCancelled() ? cancelled : answered).inc();
      if (!problem.isCancelled()) {
        trace.setOutcome(ReasoningOutcome.ANSWERED);
      }
      out.collect(record(problem, completion.get()));
      emitChunks(problem, completion.get(), context, nowMs);
    } else {
      failed.inc();
      ErrorCode code = Optional.ofNullable(trace.getErrorCode()).orElse(ErrorCode.ENGINE_FAILURE);
      String message =
          Optional.ofNullable(trace.getErrorMessage())
              .orElse("it was cancelled, and no model had answered a call for it");
      OutputRecord<DeadLetter> letter =
          DeadLetters.of(problem.prompt(), code, message, attempts(problem), nowMs);
      trace
          .setOutcome(ReasoningOutcome.FAILED)
          .setErrorCode(code)
          .setErrorMessage(letter.value().getMessage());
      context.output(InferenceOutputs.DEAD_LETTERS, letter);
    }
    context.output(
        ReasoningOutputs.TRACES, record(problem, traceSize.fitting(trace.build(), maxTraceBytes)));
  }

  /** The one candidate of a problem was sent as it is; a cancelled one may have sent nothing. */
  private void emitChunks(Problem problem, Completion completion, Context context, long nowMs) {
    boolean isSent = problem.trace().getSamples() == 1 && !problem.candidates().isEmpty();
    if (!chunks || !problem.request().getStream() || isSent) {
      return;
    }
    Answers.chunks(completion, Answers.winner(problem), nowMs)
        .forEach(chunk -> context.output(InferenceOutputs.CHUNKS, record(problem, chunk)));
  }

  /** Calls that were made for it: each was tried at least once. */
  private static int attempts(Problem problem) {
    return problem.trace().getCalls().size();
  }

  private static <T extends SpecificRecord> OutputRecord<T> record(Problem problem, T value) {
    return new OutputRecord<>(
        Optional.of(problem.request().getRequestId()), value, problem.prompt().traceparent());
  }
}
