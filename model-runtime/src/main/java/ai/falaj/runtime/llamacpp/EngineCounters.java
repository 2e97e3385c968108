package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.StepPlan;

/** Counts what the engine did. Confined to the decode thread. */
final class EngineCounters {

  private long promptTokens;
  private long generationTokens;
  private long resumedTokens;
  private long finished;
  private long failed;
  private long steps;
  private long stepSequences;
  private long stepNanos;

  void step(StepPlan plan, long nanos) {
    steps++;
    stepSequences += plan.work().size();
    stepNanos += nanos;
  }

  void prefilled(int tokens) {
    promptTokens += tokens;
  }

  void generated(int tokens) {
    generationTokens += tokens;
  }

  /** Completion tokens that a request brought along. */
  void resumed(int tokens) {
    resumedTokens += tokens;
  }

  void finished() {
    finished++;
  }

  void failed() {
    failed++;
  }

  /**
   * @param kvTokens KV entries that there are
   */
  RuntimeStats snapshot(int waiting, Scheduler scheduler, long kvTokens, Speculator speculator) {
    return new RuntimeStats(
        waiting,
        scheduler.runningCount(),
        Math.min(1, (double) scheduler.usedKvTokens() / kvTokens),
        promptTokens,
        generationTokens,
        scheduler.prefixHitTokens(),
        scheduler.prefixQueryTokens(),
        finished,
        failed,
        steps,
        stepSequences,
        stepNanos,
        scheduler.preemptions(),
        speculator.drafted(),
        speculator.accepted(),
        resumedTokens);
  }
}
