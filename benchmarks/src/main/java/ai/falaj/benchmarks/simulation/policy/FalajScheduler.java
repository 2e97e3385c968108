package ai.falaj.benchmarks.simulation.policy;

import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.scheduler.SequenceRequest;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** The product's own scheduler class, on the simulation's clock. */
final class FalajScheduler implements SimulatedScheduler {

  private final Scheduler scheduler;
  private final int contextTokens;
  private StepPlan plan;

  FalajScheduler(SchedulerConfig config) {
    this.scheduler = new Scheduler(config);
    this.contextTokens = config.contextTokensPerSequence();
  }

  @Override
  public void enqueue(TraceRequest request) {
    scheduler.enqueue(
        new SequenceRequest(request.id(), request.promptTokens(), 0, OptionalLong.empty()));
  }

  @Override
  public StepShape plan(long nowMs) {
    plan = scheduler.plan(nowMs);
    if (!plan.ended().isEmpty()) {
      throw new IllegalStateException("nobody cancelled " + plan.ended());
    }
    // llama.cpp copies the whole buffer of a slot, however little of it is used.
    long copied = (long) plan.moves().size() * contextTokens;
    List<StepShape.Work> work = new ArrayList<>(plan.work().size());
    for (StepPlan.SequenceWork planned : plan.work()) {
      work.add(
          new StepShape.Work(
              planned.sequenceId(),
              planned.slot(),
              planned.position(),
              planned.tokenCount(),
              planned.samples()));
    }
    return new StepShape(work, copied);
  }

  @Override
  public void apply(Set<Long> finished, long durationNanos) {
    scheduler.apply(plan, StepResult.finished(finished));
  }
}
