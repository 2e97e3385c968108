/**
 * The scheduler against a bare prefill-and-decode loop over the same library, in the same process
 * and in turn.
 */
package ai.falaj.benchmarks.engine;
