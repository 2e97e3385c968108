/** Who gets how much of a full runtime, and how long the urgent and the few wait for the many. */
package ai.falaj.benchmarks.fairness;
