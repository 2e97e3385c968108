package ai.falaj.benchmarks.simulation.cost;

/**
 * An accelerator and a model by their data sheets, with what of the peaks software reaches.
 *
 * @param weightBytes the model file's tensors
 * @param parameters a token costs two operations for each
 * @param kvBytesPerToken keys and values of all layers
 * @param attentionFlopsPerEntry 4 * layers * query heads * head size: products with a key and a
 *     value
 * @param memoryBytesPerSecond peak
 * @param memoryEfficiency share of it that kernels reach
 * @param flopsPerSecond peak of dense matrix products
 * @param computeEfficiency share of it that kernels reach
 * @param nanosPerGraph launching a graph
 * @param nanosPerSample choosing a token on the processor
 */
public record Roofline(
    double weightBytes,
    double parameters,
    double kvBytesPerToken,
    double attentionFlopsPerEntry,
    double memoryBytesPerSecond,
    double memoryEfficiency,
    double flopsPerSecond,
    double computeEfficiency,
    double nanosPerGraph,
    double nanosPerSample) {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int FLOPS_PER_PARAMETER = 2;

  public Roofline {
    requirePositive("weightBytes", weightBytes);
    requirePositive("parameters", parameters);
    requirePositive("kvBytesPerToken", kvBytesPerToken);
    requirePositive("memoryBytesPerSecond", memoryBytesPerSecond);
    requirePositive("flopsPerSecond", flopsPerSecond);
    requireShare("memoryEfficiency", memoryEfficiency);
    requireShare("computeEfficiency", computeEfficiency);
  }

  /** A copy reads and writes. */
  public StepCosts toCosts() {
    double nanosPerByte = NANOS_PER_SECOND / (memoryBytesPerSecond * memoryEfficiency);
    double nanosPerFlop = NANOS_PER_SECOND / (flopsPerSecond * computeEfficiency);
    return new StepCosts(
        nanosPerGraph,
        weightBytes * nanosPerByte,
        parameters * FLOPS_PER_PARAMETER * nanosPerFlop,
        kvBytesPerToken * nanosPerByte,
        attentionFlopsPerEntry * nanosPerFlop,
        nanosPerSample,
        2 * kvBytesPerToken * nanosPerByte);
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be above 0");
    }
  }

  private static void requireShare(String name, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be above 0 and at most 1");
    }
  }
}
