package ai.falaj.jobs.demo;

import ai.falaj.runtime.RuntimeStats;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** Where batch sizes come from. */
final class BatchSamplers {

  private BatchSamplers() {}

  /** Sequences per engine step since the last sample, from the runtime's own counters. */
  static BatchSeries ofRuntime(Supplier<RuntimeStats> stats) {
    return new BatchSeries("batch", new StepSampler(stats));
  }

  /** What a client can see from outside: requests whose text is being written. */
  static BatchSeries ofClient(RequestTracker tracker) {
    return new BatchSeries(
        "streaming", () -> OptionalDouble.of(tracker.count(TrackedRequest.Status.STREAMING)));
  }

  private static final class StepSampler implements BatchSeries.Sampler {
    private final Supplier<RuntimeStats> stats;
    private RuntimeStats before;
    private double last;

    StepSampler(Supplier<RuntimeStats> stats) {
      this.stats = stats;
      this.before = stats.get();
    }

    @Override
    public OptionalDouble sample() {
      RuntimeStats now = stats.get();
      long steps = now.steps() - before.steps();
      long sequences = now.stepSequences() - before.stepSequences();
      before = now;
      if (steps > 0) {
        last = (double) sequences / steps;
      } else if (now.requestsRunning() == 0) {
        last = 0;
      }
      // A step that takes longer than a sample: the batch is still the last one.
      return OptionalDouble.of(last);
    }
  }
}
