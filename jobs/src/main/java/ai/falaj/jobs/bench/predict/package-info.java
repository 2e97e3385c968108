/**
 * Flink's {@code ML_PREDICT} as a job in a process of its own, for benchmarks that compare model
 * providers: the statement, the prompts and the way they are timed are the same for all of them.
 */
package ai.falaj.jobs.bench.predict;
