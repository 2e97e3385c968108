/**
 * {@code falaj sql}: a script of Flink SQL statements in this JVM.
 *
 * <p>The launcher gives this one command another order of the class path: Flink's SQL jar for
 * Confluent's Avro format comes before flink-avro. That jar holds flink-avro's classes on an Avro
 * of its own, which its format needs and Falaj's jobs, with flink-avro first, cannot work with.
 */
package ai.falaj.jobs.sql;
