/**
 * {@code falaj chaos}: the completion job on a {@link ai.falaj.jobs.cluster.ProcessCluster} under
 * load, while its processes are killed and paused by a seeded schedule, and the ledger of what came
 * of every prompt.
 *
 * <p>What it knows of the job is what any client knows: topics, options, and Flink's REST API. So
 * the ledger cannot be right for the wrong reason, and holds whatever the operator does inside.
 */
package ai.falaj.jobs.chaos;
