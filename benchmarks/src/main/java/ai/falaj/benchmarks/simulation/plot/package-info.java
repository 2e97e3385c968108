/** Draws reports of the simulation. */
package ai.falaj.benchmarks.simulation.plot;
