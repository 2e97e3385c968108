/**
 * How long a step takes: a {@link ai.falaj.benchmarks.simulation.cost.StepShape} is split into the
 * graphs that llama.cpp computes for it, and {@link ai.falaj.benchmarks.simulation.cost.StepCosts}
 * adds up what each costs. Costs come from measured steps ({@link
 * ai.falaj.benchmarks.simulation.cost.CostFit}) or from a data sheet ({@link
 * ai.falaj.benchmarks.simulation.cost.Roofline}).
 */
package ai.falaj.benchmarks.simulation.cost;
