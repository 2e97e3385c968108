/** The job that counts: usage, latency, cost, labels and budgets in windows. Assembly only. */
package ai.falaj.jobs.analytics;
