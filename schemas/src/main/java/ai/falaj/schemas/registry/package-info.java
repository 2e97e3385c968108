/** Where the schemas of records are kept: what is asked of a registry, and Confluent's client. */
package ai.falaj.schemas.registry;
