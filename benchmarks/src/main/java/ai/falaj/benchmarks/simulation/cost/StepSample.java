package ai.falaj.benchmarks.simulation.cost;

/** A step that was measured. */
public record StepSample(StepShape shape, long nanos) {

  public StepSample {
    if (shape.isIdle() || nanos < 1) {
      throw new IllegalArgumentException(
          "a sample took " + nanos + " ns; it computes something and takes time");
    }
  }
}
