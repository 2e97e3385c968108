/**
 * The model runtime's API: prompts in, tokens out, one runtime shared by whoever is in the JVM.
 *
 * <p>Interfaces and values live here; implementations live in the packages below. Nothing in this
 * module knows Flink or Kafka.
 */
package ai.falaj.runtime;
