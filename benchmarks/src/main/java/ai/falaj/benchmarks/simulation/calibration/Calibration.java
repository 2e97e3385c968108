package ai.falaj.benchmarks.simulation.calibration;

import ai.falaj.benchmarks.BareModel;
import ai.falaj.benchmarks.simulation.calibration.StepGrid.Cell;
import ai.falaj.benchmarks.simulation.cost.CostFit;
import ai.falaj.benchmarks.simulation.cost.HardwareProfile;
import ai.falaj.benchmarks.simulation.cost.StepSample;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.ffi.KvCacheException;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Turns this machine with a model into a hardware profile: measures a grid of steps with the real
 * engine, one KV buffer per sequence, and fits the cost model. Confined to one thread.
 */
public final class Calibration {

  /** The first of the grid, which decode. */
  private static final int WARM_UP_CELLS = 4;

  private final CalibrationSettings settings;
  private final List<Cell> cells;

  public Calibration(CalibrationSettings settings) {
    this.settings = settings;
    this.cells = StepGrid.cells(settings);
  }

  /** Steps that {@link #run} measures. */
  public int stepCount() {
    return cells.size();
  }

  /**
   * Measures and fits.
   *
   * @param stepDone told of the number of steps that are measured
   * @throws RuntimeLoadException with the reason and the remedy
   * @throws KvCacheException if the engine cannot copy a slot
   */
  public CalibrationReport run(IntConsumer stepDone)
      throws RuntimeLoadException, KvCacheException, InterruptedException {
    Path file = BareModel.file(settings.modelSource());
    LlamaBackend backend = BareModel.backend();
    List<StepSample> samples = new ArrayList<>();
    try (LlamaModel model = BareModel.load(backend, file);
        MeasuredEngine engine = new MeasuredEngine(model, settings)) {
      for (Cell cell : cells.subList(0, WARM_UP_CELLS)) {
        engine.measure(cell); // reads the weights from the file, wakes the JIT compiler
      }
      for (Cell cell : cells) {
        samples.add(engine.measure(cell));
        stepDone.accept(samples.size());
      }
    }
    CostFit fit = CostFit.of(samples, KvLayout.PER_SEQUENCE, settings.microBatchTokens());
    return new CalibrationReport(profile(file, backend, fit), fit);
  }

  private HardwareProfile profile(Path file, LlamaBackend backend, CostFit fit) {
    return new HardwareProfile(
        settings.profileName(),
        "%s on %s, %d threads; measured"
            .formatted(
                file.getFileName(), String.join(", ", backend.devices()), settings.threads()),
        List.of(
            String.format(
                Locale.ROOT,
                "costs: falaj simulate calibrate, llama.cpp %s, %d steps, shortest of %d; the fit errs by %.1f%% on average, %.1f%% at most",
                backend.version(),
                cells.size(),
                settings.repetitions(),
                100 * fit.meanError(),
                100 * fit.maxError())),
        settings.maxSequences(),
        settings.contextTokensPerSequence(),
        KvLayout.PER_SEQUENCE,
        settings.microBatchTokens(),
        null,
        fit.costs());
  }
}
