/** Sends the job's jar to a running Flink cluster by its REST API. */
package ai.falaj.jobs.submit;
