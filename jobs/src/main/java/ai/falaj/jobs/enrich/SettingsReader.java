package ai.falaj.jobs.enrich;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.enrich.EnrichmentFile.Format;
import ai.falaj.jobs.enrich.EnrichmentFile.Mode;
import ai.falaj.jobs.enrich.EnrichmentFile.OnError;
import ai.falaj.jobs.enrich.EnrichmentFile.Place;
import ai.falaj.jobs.enrich.EnrichmentSettings.Endpoint;
import ai.falaj.jobs.enrich.rows.InputSchema;
import ai.falaj.operators.AnswerReuse;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputSchema;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.util.TimeUtils;

/**
 * Makes settings of a file and options, and checks them against each other. Connects to nothing but
 * what {@link InputSchemas} needs to know the input's fields. Stateless.
 */
public final class SettingsReader {

  static final String DEFAULT_ERROR_COLUMN = "falaj_error";

  private static final Duration DEFAULT_REUSE = Duration.ofHours(24);
  private static final int DEFAULT_WINDOW = 256;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  /** Addresses that a job must name, for one that never connects to them. */
  private static final String NOBODY = "localhost:9";

  private SettingsReader() {}

  /**
   * The job's options: those of the file, and over them the given ones.
   *
   * @param over wins over the file
   */
  public static Configuration options(EnrichmentFile file, ReadableConfig over) {
    Configuration options = new Configuration();
    String name = "falaj-enrichment-" + file.name();
    options.set(CompletionOptions.JOB_NAME, name);
    options.set(CompletionOptions.GROUP_ID, name);
    file.options().forEach(options::setString);
    over.toMap().forEach(options::setString);
    if (!usesKafka(file)) {
      options.set(CompletionOptions.BOOTSTRAP_SERVERS, NOBODY);
      options.set(CompletionOptions.SCHEMA_REGISTRY_URL, "http://" + NOBODY);
    } else if (!usesRegistry(file)
        && options.getOptional(CompletionOptions.SCHEMA_REGISTRY_URL).isEmpty()
        && file.output() != null
        && file.output().onError() != OnError.DEAD_LETTER) {
      // Dead letters are Avro; without a registry they fail the job, so it is asked for when used.
      options.set(CompletionOptions.SCHEMA_REGISTRY_URL, "http://" + NOBODY);
    }
    return options;
  }

  /** Whether records come from Kafka or go there. */
  public static boolean usesKafka(EnrichmentFile file) {
    return isKafka(file.source() == null ? null : file.source().type())
        || isKafka(file.sink() == null ? null : file.sink().type());
  }

  private static boolean usesRegistry(EnrichmentFile file) {
    return file.source() != null && file.source().format() == Format.AVRO
        || isKafka(file.sink() == null ? null : file.sink().type());
  }

  private static boolean isKafka(Place place) {
    return place == Place.KAFKA;
  }

  /**
   * @param options as {@link #options} makes them
   * @throws IllegalArgumentException with one line that names the place, its value and the remedy
   */
  public static EnrichmentSettings read(EnrichmentFile file, ReadableConfig options) {
    if (file.name() == null || !NAME.matcher(file.name()).matches()) {
      throw invalid(
          "name is '%s'; give the enrichment one of letters, digits, dots, hyphens and underscores"
              .formatted(file.name()));
    }
    requireParts(file);
    Endpoint source =
        endpoint(
            "source",
            file.source().type(),
            file.source().path(),
            file.source().topic(),
            file.source().format());
    Endpoint sink =
        endpoint(
            "sink",
            file.sink().type(),
            file.sink().path(),
            file.sink().topic(),
            file.sink().format());
    boolean bounded = file.mode() != Mode.STREAMING;
    CompletionSettings job = CompletionSettings.from(options);
    OutputSchema output = output(file);
    Optional<String> errorColumn = errorColumn(file.output());
    InputSchema input = InputSchemas.of(file.source(), source, job);
    PromptTexts texts =
        new PromptTexts(Optional.ofNullable(file.prompt().system()), file.prompt().user());
    requireFields(texts.fields(), input);
    requireNewNames(output.fields(), errorColumn, input);
    requireColumns(sink, source, input);
    if (sink.isKafka() && source.isKafka() && sink.name().equals(source.name())) {
      throw invalid(
          "source.topic and sink.topic are both '%s'; give each its own".formatted(sink.name()));
    }
    return new EnrichmentSettings(
        job,
        bounded,
        source,
        sink,
        file.sink().deadLetters(),
        input,
        file.prompt().system(),
        file.prompt().user(),
        SamplingReader.read(file.sampling(), output),
        output,
        errorColumn.orElse(null),
        reuse(file),
        window(file, bounded),
        atLeastZero("report.samples", file.report() == null ? null : file.report().samples(), 0));
  }

  private static void requireParts(EnrichmentFile file) {
    if (file.source() == null) {
      throw invalid(
          "source is missing; say where the records are, as 'type', 'path' or 'topic', and 'format'");
    }
    if (file.sink() == null) {
      throw invalid(
          "sink is missing; say where the records go, as 'type', 'path' or 'topic', and 'format'");
    }
    if (file.prompt() == null || file.prompt().user() == null || file.prompt().user().isBlank()) {
      throw invalid("prompt.user is missing; write what to ask about a record");
    }
    if (file.output() == null || file.output().fields().isEmpty()) {
      throw invalid(
          "output.fields is missing; name the fields that the model makes, with their types");
    }
  }

  private static Endpoint endpoint(
      String role, Place place, String path, String topic, Format format) {
    if (place == null) {
      throw invalid(role + ".type is missing; it must be files or kafka");
    }
    boolean kafka = place == Place.KAFKA;
    String name = kafka ? topic : path;
    if (name == null || name.isBlank()) {
      throw invalid(
          "%s.%s is missing; %s.type %s needs it"
              .formatted(role, kafka ? "topic" : "path", role, kafka ? "kafka" : "files"));
    }
    if ((kafka ? path : topic) != null) {
      throw invalid(
          "%s.%s is set and %s.type is %s; leave it out"
              .formatted(role, kafka ? "path" : "topic", role, kafka ? "kafka" : "files"));
    }
    if (format == null) {
      throw invalid(role + ".format is missing; it must be " + formats(kafka));
    }
    boolean ofKafka = format == Format.AVRO || format == Format.JSON;
    if (kafka != ofKafka) {
      throw invalid(
          "%s.format is %s and %s.type is %s; it must be %s"
              .formatted(
                  role,
                  format.name().toLowerCase(java.util.Locale.ROOT),
                  role,
                  kafka ? "kafka" : "files",
                  formats(kafka)));
    }
    return new Endpoint(place, name, format);
  }

  private static String formats(boolean kafka) {
    return kafka ? "avro or json" : "jsonl or csv";
  }

  private static OutputSchema output(EnrichmentFile file) {
    List<OutputField> fields = FieldsReader.read(file.output().fields(), "output.fields");
    try {
      return OutputSchema.of(fields);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("output.fields: " + e.getMessage(), e);
    }
  }

  private static Optional<String> errorColumn(EnrichmentFile.Output output) {
    if (output.onError() == OnError.DEAD_LETTER) {
      if (output.errorColumn() != null) {
        throw invalid(
            "output.error-column is '%s' and output.on-error is dead_letter; set one of them"
                .formatted(output.errorColumn()));
      }
      return Optional.empty();
    }
    return Optional.of(output.errorColumn() == null ? DEFAULT_ERROR_COLUMN : output.errorColumn());
  }

  private static void requireFields(Set<String> wanted, InputSchema input) {
    if (input.names().isEmpty()) {
      return;
    }
    for (String field : wanted) {
      if (!input.names().get().contains(field)) {
        throw invalid(
            "the prompt names the field '%s', which the input does not have; it has %s"
                .formatted(field, String.join(", ", input.names().get())));
      }
    }
  }

  private static void requireNewNames(
      List<OutputField> fields, Optional<String> errorColumn, InputSchema input) {
    Set<String> taken = new HashSet<>(input.names().orElse(List.of()));
    fields.forEach(field -> requireNew("output.fields", field.name(), taken));
    errorColumn.ifPresent(name -> requireNew("output.error-column", name, taken));
  }

  private static void requireNew(String place, String name, Set<String> taken) {
    if (!taken.add(name)) {
      throw invalid(
          "%s: there is a field named '%s' already; give this one another name"
              .formatted(place, name));
    }
  }

  private static void requireColumns(Endpoint sink, Endpoint source, InputSchema input) {
    boolean needsTypes = sink.format() == Format.AVRO || sink.format() == Format.CSV;
    if (needsTypes && input.record().isEmpty()) {
      throw invalid(
          "sink.format is %s and the fields of source.format %s are not declared; declare them as source.fields, a type for each name"
              .formatted(
                  sink.format().name().toLowerCase(java.util.Locale.ROOT),
                  source.format().name().toLowerCase(java.util.Locale.ROOT)));
    }
  }

  private static AnswerReuse reuse(EnrichmentFile file) {
    String text = file.reuse() == null ? null : file.reuse().timeToLive();
    if (text == null) {
      return new AnswerReuse(DEFAULT_REUSE);
    }
    try {
      return new AnswerReuse(TimeUtils.parseDuration(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "reuse.time-to-live is '%s'; write it as 24 h or 30 min, or 0 for none".formatted(text),
          e);
    }
  }

  private static int window(EnrichmentFile file, boolean bounded) {
    if (!bounded && file.window() != null && file.window() > 0) {
      throw invalid(
          "window is %d and mode is streaming, where a record might wait for others for ever; leave it out"
              .formatted(file.window()));
    }
    return bounded ? atLeastZero("window", file.window(), DEFAULT_WINDOW) : 0;
  }

  private static int atLeastZero(String place, Integer given, int otherwise) {
    int value = given == null ? otherwise : given;
    if (value < 0) {
      throw invalid(place + " is " + value + "; it must be 0 or more");
    }
    return value;
  }

  private static IllegalArgumentException invalid(String message) {
    return new IllegalArgumentException(message);
  }
}
