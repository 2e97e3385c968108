/**
 * Whether a Kafka broker lets this client in, and why it does not, in words: what the clients
 * themselves only log, or try again for ever.
 */
package ai.falaj.operators.kafka.access;
