package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Records of every released version must be readable for ever. */
class SchemaEvolutionTest {

  static Stream<Arguments> everyRecordOfEveryVersion() throws IOException, URISyntaxException {
    return ReleasedSchemas.versions().stream()
        .flatMap(
            version ->
                ReleasedSchemas.records(version).stream()
                    .map(record -> Arguments.of(version, record)));
  }

  static List<SpecificRecord> everyRecord() {
    return ReleasedSchemas.RECORDS;
  }

  @ParameterizedTest
  @MethodSource("everyRecordOfEveryVersion")
  void readsRecordsOfEveryReleasedVersion(Path version, SpecificRecord expected)
      throws IOException {
    InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    registry.register("t-value", ReleasedSchemas.schema(version, expected.getClass()));

    SpecificRecord read =
        new RecordDeserializer<>(expected.getClass(), registry)
            .deserialize("t", ReleasedSchemas.record(version, expected.getClass()));

    assertThat(read).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("everyRecordOfEveryVersion")
  void staysBackwardCompatibleWithEveryReleasedVersion(Path version, SpecificRecord record)
      throws IOException {
    SchemaPairCompatibility compatibility =
        SchemaCompatibility.checkReaderWriterCompatibility(
            record.getSchema(), ReleasedSchemas.schema(version, record.getClass()));

    assertThat(compatibility.getType())
        .as(compatibility.getDescription())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  @ParameterizedTest
  @MethodSource("everyRecord")
  void hasFilesOfTodaysSchemas(SpecificRecord record) throws IOException, URISyntaxException {
    List<Path> versions = ReleasedSchemas.versions();
    Path newest = versions.get(versions.size() - 1);

    assertThat(ReleasedSchemas.registeredSchema(record))
        .as("A schema changed: add the files of a new version as ReleasedSchemas says")
        .isEqualTo(ReleasedSchemas.schema(newest, record.getClass()));
  }
}
