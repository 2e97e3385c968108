package ai.falaj.benchmarks.simulation.calibration;

/**
 * What is calibrated.
 *
 * @param profileName name of the profile that comes of it
 * @param modelSource path of a {@code .gguf} file, or a name of the catalogue
 * @param maxSequences slots
 * @param contextTokensPerSequence of a slot
 * @param microBatchTokens most tokens of a graph
 * @param threads compute threads
 * @param repetitions measurements of each step, of which the shortest counts
 */
public record CalibrationSettings(
    String profileName,
    String modelSource,
    int maxSequences,
    int contextTokensPerSequence,
    int microBatchTokens,
    int threads,
    int repetitions) {

  private static final int LEAST_SEQUENCES = 2;
  private static final int LEAST_CONTEXT = 512;

  public CalibrationSettings {
    if (maxSequences < LEAST_SEQUENCES || contextTokensPerSequence < LEAST_CONTEXT) {
      throw new IllegalArgumentException(
          "%d sequences of %d tokens are too few to measure; have %d of %d or more"
              .formatted(maxSequences, contextTokensPerSequence, LEAST_SEQUENCES, LEAST_CONTEXT));
    }
    if (microBatchTokens < 1 || threads < 1 || repetitions < 1) {
      throw new IllegalArgumentException(
          "micro batch of %d tokens, %d threads, %d repetitions; all must be 1 or more"
              .formatted(microBatchTokens, threads, repetitions));
    }
  }
}
