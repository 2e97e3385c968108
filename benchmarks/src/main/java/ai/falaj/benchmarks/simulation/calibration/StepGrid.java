package ai.falaj.benchmarks.simulation.calibration;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The steps that a calibration measures: decoding alone, prefilling alone, both together, and a
 * slot moved. Sizes grow by powers of two, as costs are judged by their ratios.
 */
final class StepGrid {

  private static final int SHORT_CONTEXT = 64;
  private static final int SMALLEST_CHUNK = 8;

  private StepGrid() {}

  /**
   * A step to measure.
   *
   * @param decoding sequences that decode, in the lowest slots
   * @param depth tokens that each sequence of the step holds before it
   * @param chunk prompt tokens of one more sequence, in the next slot; 0 for none
   * @param moves whether one slot is copied to another before the step
   */
  record Cell(int decoding, int depth, int chunk, boolean moves) {

    int sequences() {
      return decoding + (chunk > 0 ? 1 : 0);
    }

    /** Beside decoding sequences a prompt begins; alone it may be anywhere. */
    int chunkPosition() {
      return decoding > 0 ? 0 : depth;
    }
  }

  static List<Cell> cells(CalibrationSettings settings) {
    int deep = settings.contextTokensPerSequence() / 2;
    List<Cell> cells = new ArrayList<>();
    for (int depth : new int[] {SHORT_CONTEXT, deep}) {
      for (int decoding : powersOfTwo(1, settings.maxSequences())) {
        cells.add(new Cell(decoding, depth, 0, false));
      }
    }
    for (int chunk : powersOfTwo(SMALLEST_CHUNK, deep)) {
      cells.add(new Cell(0, 0, chunk, false));
      cells.add(new Cell(0, deep - 1, chunk, false));
    }
    for (int decoding : new int[] {1, settings.maxSequences() / 2, settings.maxSequences() - 1}) {
      for (int chunk : powersOfTwo(4 * SMALLEST_CHUNK, deep)) {
        cells.add(new Cell(decoding, SHORT_CONTEXT, chunk, false));
      }
    }
    cells.add(new Cell(1, SHORT_CONTEXT, 0, true));
    cells.add(new Cell(1, deep, 0, true));
    return cells;
  }

  private static int[] powersOfTwo(int first, int last) {
    return IntStream.iterate(first, size -> size <= last, size -> 2 * size).toArray();
  }
}
