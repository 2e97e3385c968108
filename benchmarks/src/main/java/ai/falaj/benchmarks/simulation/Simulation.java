package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.cost.StepCostModel;
import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.policy.SimulatedScheduler;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.benchmarks.simulation.trace.Trace;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs one load through one scheduler: hand over what has arrived, plan, let the clock run for as
 * long as the step costs, give each sampling sequence a token, apply. Runs until every request has
 * all its tokens.
 *
 * <p>A simulation is run once. Confined to one thread. A scheduler that stalls, computes a sequence
 * that has ended or skips tokens of a prompt ends the run with an {@link IllegalStateException}.
 */
final class Simulation {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final SimulatedScheduler scheduler;
  private final StepCostModel costs;
  private final Trace trace;
  private final Map<Long, RequestProgress> active = new LinkedHashMap<>();
  private final List<RequestOutcome> outcomes = new ArrayList<>();
  private final GapRecorder gaps = new GapRecorder();
  private final EngineUse use;
  private final TenantShares shares;
  private long nowNanos;
  private int nextArrival;

  Simulation(SimulatedScheduler scheduler, StepCostModel costs, Trace trace, TenantMix tenants) {
    List<TraceRequest> requests = trace.requests();
    this.scheduler = scheduler;
    this.costs = costs;
    this.trace = trace;
    this.use = new EngineUse(requests.get(requests.size() - 1).arrivalNanos());
    this.shares = new TenantShares(tenants, use.horizonNanos());
  }

  SimulationResult run() {
    while (true) {
      takeArrivals();
      StepShape step = scheduler.plan(nowNanos / NANOS_PER_MILLI);
      if (!step.isIdle()) {
        execute(step);
      } else if (!active.isEmpty()) {
        throw new IllegalStateException(
            "the scheduler idles at %d ns with %d unfinished requests"
                .formatted(nowNanos, active.size()));
      } else if (nextArrival == trace.requests().size()) {
        return new SimulationResult(outcomes, gaps.sorted(), use.summary(), shares.summary());
      } else {
        nowNanos = trace.requests().get(nextArrival).arrivalNanos();
      }
    }
  }

  private void takeArrivals() {
    List<TraceRequest> requests = trace.requests();
    while (nextArrival < requests.size() && requests.get(nextArrival).arrivalNanos() <= nowNanos) {
      TraceRequest request = requests.get(nextArrival++);
      active.put(request.id(), new RequestProgress(request));
      shares.arrived(request);
      scheduler.enqueue(request);
    }
  }

  private void execute(StepShape step) {
    long durationNanos = costs.nanos(step);
    nowNanos += durationNanos;
    use.step(step, nowNanos, durationNanos, costs.arithmeticNanos(step));
    shares.beginStep();
    Set<Long> finished = new HashSet<>();
    for (StepShape.Work work : step.work()) {
      RequestProgress progress = active.get(work.sequenceId());
      if (progress == null) {
        throw new IllegalStateException("a step computes a request that is not there: " + work);
      }
      if (progress.begin()) {
        shares.begun(progress.request());
      }
      shares.computed(progress.request(), work.tokenCount());
      progress.compute(work);
      if (work.samples()) {
        progress.token(nowNanos, gaps);
      }
      if (progress.isFinished()) {
        finished.add(work.sequenceId());
        active.remove(work.sequenceId());
        outcomes.add(progress.outcome());
      }
    }
    shares.endStep(nowNanos);
    scheduler.apply(finished, durationNanos);
  }
}
