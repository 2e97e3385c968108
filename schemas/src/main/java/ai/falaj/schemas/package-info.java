/**
 * The records of Falaj's topics, generated from {@code src/main/avro}, and the names of the topics.
 *
 * <p>How records become bytes and back is in {@link ai.falaj.schemas.serde}; where schemas are kept
 * is in {@link ai.falaj.schemas.registry}.
 */
package ai.falaj.schemas;
