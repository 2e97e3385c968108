/** Records to bytes and back, in Confluent's wire format, for any Kafka client and for Flink. */
package ai.falaj.schemas.serde;
