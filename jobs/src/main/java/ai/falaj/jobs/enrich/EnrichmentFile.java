package ai.falaj.jobs.enrich;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The file that describes an enrichment, as it was written: names are known and shapes are right,
 * values are checked by {@link EnrichmentSettings}. What is absent is null, but for maps, which are
 * empty.
 *
 * @param name of the job; part of the names of its transactions and consumer group
 * @param mode {@code batch} (the default) ends with the records that are there, {@code streaming}
 *     goes on
 * @param sampling parameters with OpenAI's names
 * @param options of the job and its engine, as {@code docs/OPTIONS.md} has them
 */
public record EnrichmentFile(
    String name,
    Mode mode,
    Source source,
    Prompt prompt,
    Output output,
    Sink sink,
    Map<String, JsonNode> sampling,
    Reuse reuse,
    Integer window,
    Report report,
    Plan plan,
    Map<String, String> options) {

  public EnrichmentFile {
    sampling = sampling == null ? Map.of() : new LinkedHashMap<>(sampling);
    options = options == null ? Map.of() : new LinkedHashMap<>(options);
  }

  /** Whether the job ends by itself. */
  public enum Mode {
    BATCH,
    STREAMING
  }

  /** Where records come from and go to. */
  public enum Place {
    FILES,
    KAFKA
  }

  /** How records are written down. */
  public enum Format {
    JSONL,
    CSV,
    JSON,
    AVRO
  }

  /**
   * @param path a file, or a folder whose files are read
   * @param fields names and types of JSON's or CSV's fields
   */
  public record Source(
      Place type, String path, String topic, Format format, Map<String, String> fields) {
    public Source {
      fields = fields == null ? Map.of() : new LinkedHashMap<>(fields);
    }
  }

  /** Templates; the instruction that all records share belongs into {@code system}. */
  public record Prompt(String system, String user) {}

  /**
   * @param fields by name: a type, or an object with type and constraints
   * @param errorColumn name of the field that says why the others are null
   * @param onError COLUMN: such records are written, with the reason; DEAD_LETTER: they are not
   */
  public record Output(Map<String, JsonNode> fields, String errorColumn, OnError onError) {
    public Output {
      fields = fields == null ? Map.of() : new LinkedHashMap<>(fields);
    }
  }

  /** What becomes of a record that could not be enriched. */
  public enum OnError {
    COLUMN,
    DEAD_LETTER
  }

  /**
   * @param path a folder; part files are written into it
   * @param deadLetters a folder for records that have no row in the output
   */
  public record Sink(Place type, String path, String topic, Format format, String deadLetters) {}

  /**
   * @param timeToLive how long an answer serves equal questions, such as {@code 24 h}; 0: not at
   *     all
   */
  public record Reuse(String timeToLive) {}

  /**
   * @param path a folder for {@code report.html} and {@code report.json}
   * @param samples records to show in it, with what the model wrote; none unless asked for
   */
  public record Report(String path, Integer samples) {}

  /**
   * @param sample records to try
   * @param prices by name of a backend
   */
  public record Plan(Integer sample, Map<String, Price> prices) {
    public Plan {
      prices = prices == null ? Map.of() : new LinkedHashMap<>(prices);
    }
  }

  /**
   * What a backend costs and how fast it is, as its owner says.
   *
   * @param inputPerMillion tokens of prompts
   * @param cachedInputPerMillion tokens of prompts that it has computed before; null: as others
   * @param outputPerMillion tokens of answers
   * @param perHour of a machine
   * @param tokensPerSecond of answers; null: unknown, and so is the time
   */
  public record Price(
      @JsonProperty("currency") String currency,
      Double inputPerMillion,
      Double cachedInputPerMillion,
      Double outputPerMillion,
      Double perHour,
      Double tokensPerSecond) {}

  private static final YAMLMapper MAPPER = mapper();

  private static YAMLMapper mapper() {
    YAMLMapper mapper =
        YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();
    mapper
        .coercionConfigFor(LogicalType.Enum)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
    // "falaj.runtime.max-sequences: 8" is text to the options.
    mapper
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.TryConvert)
        .setCoercion(CoercionInputShape.Float, CoercionAction.TryConvert)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.TryConvert);
    return mapper;
  }

  /**
   * @throws IllegalArgumentException with one line that names the place and what would be right
   */
  public static EnrichmentFile read(Path path) {
    try {
      return parse(Files.readString(path), path.toString());
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(path + " is not there; name a YAML file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * @param origin of the text, for messages
   * @throws IllegalArgumentException with one line that names the place and what would be right
   */
  public static EnrichmentFile parse(String yaml, String origin) {
    try {
      EnrichmentFile file = MAPPER.readValue(yaml, EnrichmentFile.class);
      if (file == null) {
        throw new IllegalArgumentException(origin + " is empty; see docs/ENRICHMENT.md");
      }
      return file;
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "%s: '%s' is not known here; known are %s"
              .formatted(origin, pathOf(e), names(e.getKnownPropertyIds())),
          e);
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(
          "%s: %s is '%s'; it must be %s".formatted(origin, pathOf(e), e.getValue(), wanted(e)), e);
    } catch (MismatchedInputException e) {
      throw new IllegalArgumentException(
          "%s: %s: it must be %s".formatted(origin, pathOf(e), kindOf(e.getTargetType())), e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          "%s: %s: %s".formatted(origin, pathOf(e), firstLine(e.getOriginalMessage())), e);
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
      throw new IllegalArgumentException(
          "%s%s: it is no YAML: %s".formatted(origin, line, firstLine(e.getOriginalMessage())), e);
    }
  }

  private static String wanted(InvalidFormatException e) {
    Object[] constants = e.getTargetType().getEnumConstants();
    return constants == null
        ? "of type " + e.getTargetType().getSimpleName().toLowerCase(java.util.Locale.ROOT)
        : "one of "
            + java.util.Arrays.stream(constants)
                .map(constant -> constant.toString().toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.joining(", "));
  }

  private static String kindOf(Class<?> type) {
    if (type == Integer.class) {
      return "a whole number";
    }
    if (type == Double.class) {
      return "a number";
    }
    return type == String.class ? "a text" : "an object with names and values";
  }

  private static String pathOf(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
        .collect(Collectors.joining("."));
  }

  private static String names(Collection<Object> known) {
    return known == null
        ? "none"
        : String.join(", ", new TreeSet<>(known.stream().map(Object::toString).toList()));
  }

  private static String firstLine(String message) {
    return List.of(message.split("\\R")).get(0);
  }
}
