package ai.falaj.jobs.enrich;

import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.PromptDistribution;
import ai.falaj.jobs.enrich.EnrichmentFile.Format;
import ai.falaj.jobs.enrich.EnrichmentFile.Place;
import ai.falaj.jobs.enrich.rows.InputSchema;
import ai.falaj.operators.AnswerReuse;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.operators.fields.OutputType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An enrichment as it will run, everything checked that can be checked before. Made by {@link
 * SettingsReader}. Holds secrets where the job's settings do, so it has no useful string form.
 *
 * @param job options of the job and of the inference
 * @param input what is known of the input's fields
 * @param output the fields that the model makes
 * @param errorColumnOrNull name of the column with the reason where they are null
 * @param window prompts that wait to be brought together; 0: none
 * @param samples records to show in the report
 */
public record EnrichmentSettings(
    CompletionSettings job,
    boolean bounded,
    Endpoint source,
    Endpoint sink,
    String deadLettersPathOrNull,
    InputSchema input,
    String systemOrNull,
    String user,
    ai.falaj.schemas.SamplingParameters sampling,
    OutputSchema output,
    String errorColumnOrNull,
    AnswerReuse reuse,
    int window,
    int samples) {

  /**
   * A topic, or a file or folder.
   *
   * @param name of the topic, or path
   */
  public record Endpoint(Place place, String name, Format format) {
    public Endpoint {
      Objects.requireNonNull(place, "place");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(format, "format");
    }

    public boolean isKafka() {
      return place == Place.KAFKA;
    }
  }

  /** Whether prompts are asked in the task that reads them, and do not meet equal ones. */
  public boolean inPlace() {
    return reuse.timeToLive().isZero()
        && source.isKafka()
        && job.distribution() == PromptDistribution.BY_PARTITION;
  }

  public Optional<String> errorColumn() {
    return Optional.ofNullable(errorColumnOrNull);
  }

  /** What the output has more than the input: the model's fields, and the error column. */
  public List<OutputField> added() {
    List<OutputField> added = new ArrayList<>(output.fields());
    errorColumn()
        .ifPresent(
            name ->
                added.add(
                    OutputField.optional(name, OutputType.Scalar.STRING)
                        .describedAs("Why the fields of the model are null.")));
    return added;
  }

  /** Names no values: the job's settings may hold secrets. */
  @Override
  public String toString() {
    return "EnrichmentSettings[" + job.jobName() + "]";
  }
}
