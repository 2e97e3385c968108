/** The runtime against {@code llama-batched-bench}: what scheduling, sampling and text cost. */
package ai.falaj.benchmarks.batched;
