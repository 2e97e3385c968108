package ai.falaj.benchmarks.simulation.calibration;

import ai.falaj.benchmarks.simulation.cost.CostFit;
import ai.falaj.benchmarks.simulation.cost.HardwareProfile;

/** A measured profile, and how well its costs explain what was measured. */
public record CalibrationReport(HardwareProfile profile, CostFit fit) {}
