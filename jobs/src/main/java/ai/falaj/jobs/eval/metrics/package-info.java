/** Estimates from graded results, each with its interval. */
package ai.falaj.jobs.eval.metrics;
