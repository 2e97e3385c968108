/**
 * Falaj's topics from a client's side: prompts from JSON to Kafka, results from Kafka to people and
 * machines, and the commands over both. No Flink here: what these classes know of a job is its
 * topics.
 */
package ai.falaj.jobs.client;
