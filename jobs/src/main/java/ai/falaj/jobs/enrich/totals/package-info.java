/** What an enrichment came to: counts that are exact over restarts, kept in the job's state. */
package ai.falaj.jobs.enrich.totals;
