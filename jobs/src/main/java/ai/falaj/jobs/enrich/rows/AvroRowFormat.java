package ai.falaj.jobs.enrich.rows;

import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.operators.kafka.RegistryRetries;
import ai.falaj.schemas.serde.GenericRecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.util.Objects;
import org.apache.avro.Schema;

/** Avro in Confluent's wire format, whatever version it was written with, read as this schema. */
public record AvroRowFormat(Schema schema, RegistryAccess registry) implements RowFormat {

  private static final long serialVersionUID = 1L;

  public AvroRowFormat {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(registry, "registry");
  }

  @Override
  public RowReader open() {
    GenericRecordDeserializer records = new GenericRecordDeserializer(schema, registry.open());
    RegistryRetries retries = new RegistryRetries();
    return (origin, value) -> {
      try {
        return new AvroRow(retries.call(() -> records.deserialize(origin, value)));
      } catch (UndecodableRecordException e) {
        throw new UnreadableRowException(e.errorCode(), e.getMessage());
      }
    };
  }
}
