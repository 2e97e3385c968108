package ai.falaj.operators.kafka;

import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.Serializable;

/** Opens the schema registry on the TaskManager. Travels inside job graphs. */
@FunctionalInterface
public interface RegistryAccess extends Serializable {

  /** Connects to nothing yet. */
  SchemaRegistry open();

  static RegistryAccess of(RegistryConfig config) {
    return () -> new ConfluentSchemaRegistry(config);
  }
}
