package ai.falaj.operators.reasoning;

import ai.falaj.schemas.ReasoningOutcome;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Joins a stage's problems with the results of their calls, and lets each go on when its step has
 * enough of them. Keyed by problem.
 *
 * <p><b>States of a key.</b> Unknown; <i>waiting</i> (problem and results so far; a result may come
 * before its problem, as they travel on different ways); <i>late</i> (the problem has gone on and
 * some results are still to come: each is counted and dropped, and the last one clears the key).
 * Every call has exactly one result, which the inference operator guarantees, so no key stays.
 *
 * <p>A problem without calls here flows past. A cancellation that meets a waiting problem marks it,
 * whose calls the stage's operator ends at the same time; one that does not follows it.
 *
 * <p>Confined to the task thread.
 */
final class GatherFunction
    extends KeyedCoProcessFunction<String, ProblemEvent, CallResult, ProblemEvent> {

  private static final long serialVersionUID = 1L;

  private final ReasoningStep step;

  private transient ValueState<ProblemEvent> waiting;
  private transient ValueState<Boolean> cancelled;
  private transient MapState<String, CallResult> results;
  private transient ValueState<Integer> late;
  private transient Counter lateResults;

  GatherFunction(ReasoningStep step) {
    this.step = Objects.requireNonNull(step, "step");
  }

  @Override
  public void open(OpenContext context) {
    waiting =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("waiting", ReasoningOutputs.PROBLEM_TYPE));
    cancelled =
        getRuntimeContext().getState(new ValueStateDescriptor<>("cancelled", Types.BOOLEAN));
    results =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("results", Types.STRING, ReasoningOutputs.RESULT_TYPE));
    late = getRuntimeContext().getState(new ValueStateDescriptor<>("late", Types.INT));
    MetricGroup metrics = getRuntimeContext().getMetricGroup().addGroup("falaj");
    lateResults = metrics.counter("reasoningLateResults");
  }

  @Override
  public void processElement1(ProblemEvent event, Context context, Collector<ProblemEvent> out)
      throws Exception {
    if (event instanceof Problem problem) {
      begin(problem, context.timerService(), out);
    } else if (waiting.value() != null) {
      cancelled.update(true);
    } else {
      out.collect(event);
    }
  }

  private void begin(Problem problem, TimerService timers, Collector<ProblemEvent> out)
      throws Exception {
    if (step.calls(problem).isEmpty()) {
      out.collect(problem);
      return;
    }
    waiting.update(problem);
    step.timersMs(problem).forEach(timers::registerProcessingTimeTimer);
    maybeAdvance(problem, timers, out);
  }

  /** One that failed on its own stays what it is. */
  private Problem maybeCancelled(Problem next) throws IOException {
    return cancelled.value() == null || next.isDecided()
        ? next
        : next.with(next.nextTrace().setOutcome(ReasoningOutcome.CANCELLED));
  }

  @Override
  public void processElement2(CallResult result, Context context, Collector<ProblemEvent> out)
      throws Exception {
    Integer stillToCome = late.value();
    if (stillToCome != null) {
      lateResults.inc();
      if (stillToCome == 1) {
        late.clear();
      } else {
        late.update(stillToCome - 1);
      }
      return;
    }
    results.put(result.callId(), result);
    if (waiting.value() instanceof Problem problem) {
      maybeAdvance(problem, context.timerService(), out);
    }
  }

  @Override
  public void onTimer(long timestampMs, OnTimerContext context, Collector<ProblemEvent> out)
      throws Exception {
    if (waiting.value() instanceof Problem problem) {
      maybeAdvance(problem, context.timerService(), out);
    }
  }

  private void maybeAdvance(Problem problem, TimerService timers, Collector<ProblemEvent> out)
      throws Exception {
    Map<String, CallResult> there = new HashMap<>();
    for (Map.Entry<String, CallResult> result : results.entries()) {
      there.put(result.getKey(), result.getValue());
    }
    int awaited = step.calls(problem).size();
    long nowMs = timers.currentProcessingTime();
    if (!step.isOver(problem, awaited, there, nowMs)) {
      return;
    }
    Problem next = maybeCancelled(step.advance(problem, there, nowMs));
    step.timersMs(problem).forEach(timers::deleteProcessingTimeTimer);
    waiting.clear();
    cancelled.clear();
    results.clear();
    if (there.size() < awaited) {
      late.update(awaited - there.size());
    }
    out.collect(next);
  }
}
