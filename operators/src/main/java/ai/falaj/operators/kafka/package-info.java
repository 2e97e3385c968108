/** The topics' records from and to Kafka. */
package ai.falaj.operators.kafka;
