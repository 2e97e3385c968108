/** Flink's REST API, as far as it takes to submit a job and to see it run. */
package ai.falaj.jobs.submit;
