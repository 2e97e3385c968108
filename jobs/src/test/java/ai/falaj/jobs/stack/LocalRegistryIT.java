package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalRegistryIT {

  private static final Schema WITH_A =
      SchemaBuilder.record("Thing").fields().requiredString("a").endRecord();
  private static final Schema WITH_A_AND_B =
      SchemaBuilder.record("Thing").fields().requiredString("a").requiredString("b").endRecord();

  @TempDir private Path directory;

  @Test
  void keepsSchemasCompatibleAndLeavesNothingBehind() throws Exception {
    Path state = directory.resolve("registry");
    long pid;
    try (LocalRegistry server =
        LocalRegistry.start(
            Path.of(System.getProperty("falaj.home")),
            state,
            directory.resolve("registry.log"),
            Ports.unused())) {
      pid = server.pid();
      RegistryConfig config =
          RegistryConfig.fromProperties(Map.of("schema.registry.url", server.url()));
      try (SchemaRegistry registry = new ConfluentSchemaRegistry(config)) {
        int id = registry.register("things-value", WITH_A);

        assertThat(registry.schemaById(id)).isEqualTo(WITH_A);
        assertThatThrownBy(() -> registry.register("things-value", WITH_A_AND_B))
            .isInstanceOf(SchemaRegistryException.class);
      }
    }
    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(state).doesNotExist();
  }
}
