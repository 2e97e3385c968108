package ai.falaj.schemas;

import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificRecord;

/**
 * The versions of the schemas that were released, in {@code src/test/resources/schemas/v<n>}: each
 * topic's schema as it was registered, and a record written with it, wire format header included.
 *
 * <p>After a change to a released schema, add a version: records with its new fields to {@link
 * #records}, and their files:
 *
 * <pre>{@code
 * mvn -q -pl schemas -am test-compile dependency:build-classpath -Dmdep.outputFile=target/cp
 * cd schemas
 * java -cp target/classes:target/test-classes:$(cat target/cp) \
 *     ai.falaj.schemas.ReleasedSchemas src/test/resources/schemas/v6
 * }</pre>
 */
public final class ReleasedSchemas {

  private static final List<SpecificRecord> VERSION_1 =
      List.of(Records.prompt(), Records.chunk(), Records.completion(), Records.deadLetter());

  private static final List<SpecificRecord> VERSION_2 =
      List.of(
          RecordsOfVersion2.prompt(),
          RecordsOfVersion2.chunk(),
          RecordsOfVersion2.completion(),
          RecordsOfVersion2.deadLetter());

  private static final List<SpecificRecord> VERSION_3 =
      List.of(
          RecordsOfVersion2.prompt(),
          RecordsOfVersion2.chunk(),
          RecordsOfVersion2.completion(),
          RecordsOfVersion3.deadLetter());

  private static final List<SpecificRecord> VERSION_4 =
      List.of(
          RecordsOfVersion2.prompt(),
          RecordsOfVersion4.chunk(),
          RecordsOfVersion4.completion(),
          RecordsOfVersion4.deadLetter(),
          RecordsOfVersion4.routeUpdate(),
          RecordsOfVersion4.trace());

  /** What the files of the newest version hold: every field of today's schemas is set. */
  static final List<SpecificRecord> RECORDS =
      List.of(
          RecordsOfVersion5.prompt(),
          RecordsOfVersion5.chunk(),
          RecordsOfVersion5.completion(),
          RecordsOfVersion5.deadLetter(),
          RecordsOfVersion4.routeUpdate(),
          RecordsOfVersion4.trace(),
          RecordsOfVersion5.toolRequest(),
          RecordsOfVersion5.toolResponse(),
          WindowRecords.usage(),
          WindowRecords.labels(),
          WindowRecords.alert());

  private ReleasedSchemas() {}

  /**
   * Writes the files of a new version with today's schemas.
   *
   * @param args the folder of the version, such as {@code src/test/resources/schemas/v6}
   */
  public static void main(String[] args) throws IOException {
    Path version = Files.createDirectories(Path.of(args[0]));
    for (SpecificRecord record : RECORDS) {
      String name = record.getClass().getSimpleName();
      try (SchemaRegistry registry = new InMemorySchemaRegistry()) {
        Files.write(version.resolve(name + ".bin"), serialize(record, registry));
        Files.writeString(
            version.resolve(name + ".avsc"),
            SchemaFormatter.format("json/pretty", registry.schemaById(1)) + "\n");
      }
    }
  }

  /** What the files of a version hold. */
  static List<SpecificRecord> records(Path version) {
    return switch (number(version)) {
      case 1 -> VERSION_1;
      case 2 -> VERSION_2;
      case 3 -> VERSION_3;
      case 4 -> VERSION_4;
      default -> RECORDS;
    };
  }

  /** The schema that today's serializer registers for a record. */
  static Schema registeredSchema(SpecificRecord record) {
    try (SchemaRegistry registry = new InMemorySchemaRegistry()) {
      serialize(record, registry);
      return registry.schemaById(1);
    }
  }

  private static <T extends SpecificRecord> byte[] serialize(T record, SchemaRegistry registry) {
    @SuppressWarnings("unchecked")
    Class<T> recordClass = (Class<T>) record.getClass();
    return new RecordSerializer<>(recordClass, registry).serialize("t", record);
  }

  /** Oldest first. */
  static List<Path> versions() throws IOException, URISyntaxException {
    Path root = Path.of(ReleasedSchemas.class.getResource("/schemas").toURI());
    try (Stream<Path> versions = Files.list(root)) {
      return versions.sorted(Comparator.comparingInt(ReleasedSchemas::number)).toList();
    }
  }

  static Schema schema(Path version, Class<?> recordClass) throws IOException {
    return new Schema.Parser()
        .parse(version.resolve(recordClass.getSimpleName() + ".avsc").toFile());
  }

  static byte[] record(Path version, Class<?> recordClass) throws IOException {
    return Files.readAllBytes(version.resolve(recordClass.getSimpleName() + ".bin"));
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString().substring(1));
  }
}
