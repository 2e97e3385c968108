/**
 * An engine without a model that answers at a given pace, or at once: for benchmarks of everything
 * around the engine, over any number of requests.
 */
package ai.falaj.benchmarks.paced;
