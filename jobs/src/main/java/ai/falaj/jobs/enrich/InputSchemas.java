package ai.falaj.jobs.enrich;

import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.enrich.EnrichmentFile.Format;
import ai.falaj.jobs.enrich.EnrichmentSettings.Endpoint;
import ai.falaj.jobs.enrich.rows.InputSchema;
import ai.falaj.jobs.enrich.rows.RecordLines;
import ai.falaj.operators.kafka.RegistryAccess;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Finds out which fields the input has: what the file declares; else the registry's newest schema
 * of the topic, the header of a CSV, or the names that the first records of JSON lines have. Of a
 * topic with JSON nothing is known that is not declared. Stateless.
 */
final class InputSchemas {

  /** Records of JSON lines that are looked at. */
  private static final int LOOKED_AT = 100;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private InputSchemas() {}

  /**
   * @throws IllegalArgumentException where there is nothing to read, or what is declared is wrong
   */
  static InputSchema of(EnrichmentFile.Source declared, Endpoint source, CompletionSettings job) {
    if (source.format() == Format.AVRO) {
      if (!declared.fields().isEmpty()) {
        throw new IllegalArgumentException(
            "source.fields is set and source.format is avro, whose fields the registry knows; leave it out");
      }
      return InputSchema.of(ofTopic(source.name(), job));
    }
    if (!source.isKafka()) {
      Path first = first(source.name());
      try {
        if (declared.fields().isEmpty()) {
          return source.format() == Format.CSV ? ofCsv(first) : ofJsonLines(first);
        }
      } catch (IOException e) {
        throw new IllegalArgumentException(first + " cannot be read: " + e.getMessage(), e);
      }
    }
    return declared.fields().isEmpty()
        ? InputSchema.unknown()
        : InputSchema.declared(declared.fields());
  }

  private static Schema ofTopic(String topic, CompletionSettings job) {
    Schema schema;
    try (SchemaRegistry registry = RegistryAccess.of(job.registry()).open()) {
      schema = registry.latestSchema(Topics.valueSubject(topic));
    } catch (SchemaRegistryException e) {
      throw new IllegalArgumentException(
          "the schema of source.topic '%s' is not known: %s".formatted(topic, e.getMessage()), e);
    }
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IllegalArgumentException(
          "the schema of source.topic '%s' is %s; it must be a record"
              .formatted(topic, schema.getType()));
    }
    return schema;
  }

  /** The file, or the first of a folder by name. */
  private static Path first(String name) {
    Path path = new Path(name);
    try {
      FileSystem files = path.getFileSystem();
      if (!files.exists(path)) {
        throw new IllegalArgumentException(
            "source.path %s is not there; name a file or a folder".formatted(name));
      }
      return files.getFileStatus(path).isDir()
          ? Arrays.stream(files.listStatus(path))
              .filter(file -> !file.isDir() && !file.getPath().getName().startsWith("."))
              .map(FileStatus::getPath)
              .min(Comparator.comparing(Path::getName))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "source.path %s has no files; name a folder that has".formatted(name)))
          : path;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "source.path %s cannot be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static InputSchema ofCsv(Path file) throws IOException {
    List<String> header = RecordLines.header(file.getFileSystem().open(file), file.getPath());
    if (header.isEmpty()) {
      throw new IllegalArgumentException(
          "source.path %s is empty; a CSV begins with the names of its columns".formatted(file));
    }
    Map<String, String> types = new LinkedHashMap<>();
    for (String column : header) {
      if (types.put(column, "string") != null) {
        throw new IllegalArgumentException(
            "source.path %s has two columns named '%s'; give each its own name"
                .formatted(file, column));
      }
    }
    try {
      return InputSchema.declared(types);
    } catch (org.apache.avro.SchemaParseException e) {
      // Names with spaces and the like: fine for CSV and JSON, which need no Avro record.
      return InputSchema.seen(header);
    }
  }

  private static InputSchema ofJsonLines(Path file) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    try (RecordLines lines =
        RecordLines.open(
            file.getFileSystem().open(file), file.getPath(), false, InputSchema.unknown())) {
      for (int i = 0; i < LOOKED_AT && lines.hasNext(); i++) {
        names.addAll(names(lines.next()));
      }
    }
    return names.isEmpty() ? InputSchema.unknown() : InputSchema.seen(new ArrayList<>(names));
  }

  /** What is no JSON has none, and will be a dead letter. */
  private static List<String> names(byte[] line) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      MAPPER.readTree(line).fieldNames().forEachRemaining(names::add);
      return names;
    } catch (JsonProcessingException e) {
      return List.of();
    }
  }
}
