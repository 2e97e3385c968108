/**
 * Measures steps of the real engine and fits the cost model to them: {@link
 * ai.falaj.benchmarks.simulation.calibration.Calibration}.
 */
package ai.falaj.benchmarks.simulation.calibration;
