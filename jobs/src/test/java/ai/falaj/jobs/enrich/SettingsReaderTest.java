package ai.falaj.jobs.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.fields.OutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every mistake is one line that names the place, before anything runs. */
class SettingsReaderTest {

  @TempDir private Path directory;

  private Path input;

  @BeforeEach
  void writeInput() throws IOException {
    input = Files.writeString(directory.resolve("in.jsonl"), Reviews.line(1, "fine") + "\n");
  }

  private String yaml() {
    return Reviews.yaml(input, directory.resolve("out"), "");
  }

  private static EnrichmentSettings read(String yaml) {
    EnrichmentFile file = EnrichmentFile.parse(yaml, "e.yaml");
    return SettingsReader.read(file, SettingsReader.options(file, new Configuration()));
  }

  @Test
  void readsAnEnrichment() {
    EnrichmentSettings settings =
        read(
            yaml()
                .replace("mode: batch", "")
                .concat(
                    """
                    window: 10
                    reuse: {time-to-live: 2 h}
                    options: {falaj.runtime.max-sequences: 8, falaj.inference.max-in-flight: 12}
                    """));
    assertThat(settings.bounded()).isTrue();
    assertThat(settings.window()).isEqualTo(10);
    assertThat(settings.reuse().timeToLive()).isEqualTo(Duration.ofHours(2));
    assertThat(settings.job().inference().maxInFlight()).isEqualTo(12);
    assertThat(settings.job().jobName()).isEqualTo("falaj-enrichment-reviews");
    assertThat(settings.sampling().getTemperature()).isZero();
    assertThat(settings.sampling().getMaxTokens()).isEqualTo(50);
    assertThat(settings.sampling().getResponseFormat()).contains("\"enum\":[\"good\",\"bad\"]");
    assertThat(settings.added())
        .extracting(field -> field.name() + " " + field.type())
        .containsExactly("sentiment STRING", "stars INT", "falaj_error STRING");
    assertThat(settings.input().names())
        .hasValueSatisfying(names -> assertThat(names).containsExactly("id", "text"));
  }

  @Test
  void readsTypesWithinTypes() {
    EnrichmentSettings settings =
        read(
            yaml()
                .replace(
                    "stars: {type: int, minimum: 1, maximum: 5}",
                    "price: \"decimal(8, 2)\"\n"
                        + "    tags: {type: array, items: {type: string, max-length: 9}, max-items: 3}\n"
                        + "    who: {type: row, fields: {name: string, born: date}, nullable: true}"));
    assertThat(settings.output().fields().get(1).type()).isEqualTo(OutputType.decimal(8, 2));
    assertThat(settings.output().fields().get(2).type()).hasToString("ARRAY<STRING NOT NULL>");
    assertThat(settings.output().fields().get(3).nullable()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: reviews | nam: reviews | e.yaml: 'nam' is not known here; known are",
        "name: reviews | name: 'a b' | name is 'a b'; give the enrichment one of letters",
        "name: reviews | name: r, mode: bath | it is no YAML",
        "type: files, path: | type: file, path: | source.type is 'file'; it must be one of files, kafka",
        "format: jsonl} | format: avro} | source.format is avro and source.type is files; it must be jsonl or csv",
        "format: jsonl} | format: jsonl, topic: t} | source.topic is set and source.type is files; leave it out",
        "{{text}} | {{tekst}} | the prompt names the field 'tekst', which the input does not have; it has id, text",
        "{{text}} | {{#text}} | prompt.user is no Mustache template",
        "{{text}} | {{>other}} | the prompt includes 'other'; write the text where it belongs",
        "type: string, enum | type: text, enum | output.fields.sentiment: its type is 'text'; it must be string",
        "type: string, enum | type: int, enum | output.fields.sentiment: sentiment is INT, and enum is for STRING",
        "minimum: 1 | minimum: one | output.fields.stars: minimum is 'one'; it must be a number",
        "minimum: 1 | least: 1 | output.fields.stars: 'least' is not known here; known are",
        "minimum: 1 | minimum: 7 | output.fields: no model can be held to these fields",
        "stars: { | text: { | output.fields: there is a field named 'text' already; give this one another name",
        "max_tokens: 50 | max_token: 50 | sampling: 'max_token' is not known here; known are",
        "max_tokens: 50 | max_tokens: 0 | sampling: max_tokens is 0; it must be 1 or more",
        "max_tokens: 50 | temperature: hot | sampling: temperature is 'hot'; it must be a number",
      })
  void refusesInOneLine(String right, String wrong, String message) {
    String yaml = yaml();
    assertThat(yaml).contains(right);
    assertThatThrownBy(() -> read(yaml.replace(right, wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "window: -1 | window is -1; it must be 0 or more",
        "window: many | e.yaml: window: it must be a whole number",
        "reuse: {time-to-live: soon} | reuse.time-to-live is 'soon'; write it as 24 h or 30 min",
        "options: {falaj.runtime.max-sequence: 8} | falaj.runtime.max-sequence is no option of this job; did you mean falaj.runtime.max-sequences?",
        "options: {falaj.inference.max-in-flight: many} | falaj.inference.max-in-flight",
        "report: {samples: -2} | report.samples is -2; it must be 0 or more",
        "name: twice | it is no YAML",
      })
  void refusesWhatIsAdded(String more, String message) {
    assertThatThrownBy(() -> read(yaml() + more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aWindowIsForBatchesOnly() {
    assertThatThrownBy(() -> read(yaml() + "mode: streaming\nwindow: 5"))
        .hasMessageContaining("window is 5 and mode is streaming");
    assertThat(read(yaml() + "mode: streaming").window()).isZero();
  }

  @Test
  void csvOutputNeedsDeclaredFields() {
    String toCsv = yaml().replace(directory.resolve("out") + ", format: jsonl", "out, format: csv");
    assertThatThrownBy(() -> read(toCsv))
        .hasMessageContaining(
            "sink.format is csv and the fields of source.format jsonl are not declared");
    assertThat(
            read(toCsv.replaceFirst(
                    "format: jsonl}", "format: jsonl, fields: {id: int, text: string}}"))
                .input()
                .record())
        .isPresent();
    assertThatThrownBy(
            () ->
                read(toCsv.replaceFirst("format: jsonl}", "format: jsonl, fields: {id: number}}")))
        .hasMessageContaining("source.fields: id is of type 'number'; it must be one of string");
  }

  @Test
  void saysWhatIsNotThere() {
    assertThatThrownBy(() -> EnrichmentFile.read(directory.resolve("no.yaml")))
        .hasMessageContaining("is not there; name a YAML file");
    assertThatThrownBy(() -> read(yaml().replace(input.toString(), "/nowhere.jsonl")))
        .hasMessageContaining("source.path /nowhere.jsonl is not there");
    assertThatThrownBy(() -> read("name: x")).hasMessageContaining("source is missing");
    assertThatThrownBy(() -> EnrichmentFile.parse("", "e.yaml"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
