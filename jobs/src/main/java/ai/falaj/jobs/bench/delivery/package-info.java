/**
 * The benchmarks of the job around its engine: from Kafka to Kafka over an engine without a model,
 * with a real broker, a real registry and a MiniCluster.
 */
package ai.falaj.jobs.bench.delivery;
