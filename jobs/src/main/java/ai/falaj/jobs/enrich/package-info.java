/**
 * The enrichment job: records of a topic or of files, with fields that a model makes, described by
 * a YAML file. {@code rows} reads and writes records, {@code run} is the command around the job.
 */
package ai.falaj.jobs.enrich;
