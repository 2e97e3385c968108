package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.scheduler.StepPlan;

/** Counts what the engine did. Confined to the decode thread. */
final class EngineCounters {

  private long promptTokens;
  private long generationTokens;
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

  void generated() {
    generationTokens++;
  }

  void finished() {
    finished++;
  }

  void failed() {
    failed++;
  }

  RuntimeStats snapshot(int waiting, int running, double kvCacheUsage) {
    return new RuntimeStats(
        waiting,
        running,
        kvCacheUsage,
        promptTokens,
        generationTokens,
        0,
        0,
        finished,
        failed,
        steps,
        stepSequences,
        stepNanos,
        0,
        0,
        0);
  }
}
