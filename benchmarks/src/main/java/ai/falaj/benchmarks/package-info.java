/** Load harnesses: what the engine can do, what of it the pipeline keeps. */
package ai.falaj.benchmarks;
