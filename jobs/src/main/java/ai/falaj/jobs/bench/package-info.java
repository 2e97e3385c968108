/**
 * The command {@code falaj bench}: what the engine can do, and what of it a job from Kafka to Kafka
 * keeps.
 */
package ai.falaj.jobs.bench;
