package ai.falaj.benchmarks.simulation.policy;

import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import ai.falaj.runtime.scheduler.KvOperation;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.scheduler.SequenceRequest;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The product's own scheduler class, on the simulation's clock. Every prompt and completion has
 * tokens of its own: traces do not say what requests share, so nothing is found in the cache.
 */
final class FalajScheduler implements SimulatedScheduler {

  private final Scheduler scheduler;
  private final int contextTokens;
  private final boolean tenants;
  private final SplittableRandom tokens;
  private StepPlan plan;

  /**
   * @param tenants whether the scheduler is told whose a request is
   */
  FalajScheduler(SchedulerConfig config, boolean tenants, long seed) {
    this.scheduler = new Scheduler(config);
    this.contextTokens = config.contextTokensPerSequence();
    this.tenants = tenants;
    this.tokens = new SplittableRandom(seed);
  }

  @Override
  public void enqueue(TraceRequest request) {
    scheduler.enqueue(
        SequenceRequest.builder(
                request.id(),
                tokens.ints(request.promptTokens(), 0, Integer.MAX_VALUE).toArray(),
                contextTokens - request.promptTokens())
            .tenant(tenants ? request.tenant() : "")
            .build());
  }

  @Override
  public StepShape plan(long nowMs) {
    plan = scheduler.plan(nowMs);
    if (!plan.ended().isEmpty()) {
      throw new IllegalStateException("nobody cancelled " + plan.ended());
    }
    long copied = plan.operations().stream().mapToLong(FalajScheduler::copiedEntries).sum();
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
    List<StepResult.Outcome> outcomes = new ArrayList<>(plan.work().size());
    for (StepPlan.SequenceWork work : plan.work()) {
      if (work.samples()) {
        outcomes.add(
            StepResult.Outcome.of(
                work.sequenceId(),
                tokens.nextInt(Integer.MAX_VALUE),
                finished.contains(work.sequenceId())));
      }
    }
    scheduler.apply(plan, StepResult.of(outcomes, durationNanos));
  }

  private static long copiedEntries(KvOperation operation) {
    if (operation instanceof KvOperation.Copy copy) {
      return copy.tokens();
    }
    if (operation instanceof KvOperation.Save save) {
      return save.tokens();
    }
    return operation instanceof KvOperation.Restore restore ? restore.tokens() : 0;
  }
}
