/**
 * Simulates the scheduler under a load: the product's scheduler class on a manual clock that a cost
 * model of the hardware moves. What takes an accelerator hours takes seconds here, and is the same
 * each time.
 */
package ai.falaj.benchmarks.simulation;
