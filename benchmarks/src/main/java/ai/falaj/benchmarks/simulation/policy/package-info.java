/**
 * Ways to batch requests, held against each other under the same load: Falaj's own scheduler under
 * several settings, and a batch that is never refilled.
 */
package ai.falaj.benchmarks.simulation.policy;
