/** The benchmark of the dashboard: from the topic of chunks to the pages that are open. */
package ai.falaj.jobs.bench.dashboard;
