/**
 * Records enriched by SQL: Falaj's model provider, Flink's own one with {@code llama-server} behind
 * it, and the engine alone as the limit of the first.
 */
package ai.falaj.jobs.bench.sql;
