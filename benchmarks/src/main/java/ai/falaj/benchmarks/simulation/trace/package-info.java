/**
 * Arrivals and lengths of requests: read from published traces of production load, or generated
 * with similar moments.
 */
package ai.falaj.benchmarks.simulation.trace;
