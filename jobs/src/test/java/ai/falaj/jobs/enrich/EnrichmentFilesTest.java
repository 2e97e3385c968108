package ai.falaj.jobs.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.enrich.run.LocalEnrichment;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole job over files, in a Flink of this process, with a model that the test scripts. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EnrichmentFilesTest {

  @TempDir private Path directory;

  private Path input() {
    return directory.resolve("reviews.jsonl");
  }

  private Path output() {
    return directory.resolve("out");
  }

  private static ScriptedRuntimeSpec model(
      TestInfo test, Function<GenerationRequest, ScriptedReply> replies) {
    return ScriptedRuntimeSpec.of("enrich-" + test.getDisplayName(), replies);
  }

  private EnrichmentTotals run(String yaml, ScriptedRuntimeSpec model) throws Exception {
    return run(yaml, model, Map.of(), Optional.empty(), Optional.empty());
  }

  private static EnrichmentTotals run(
      String yaml,
      RuntimeSpec model,
      Map<String, String> options,
      Optional<Path> checkpoints,
      Optional<Path> startFrom)
      throws Exception {
    EnrichmentFile file = EnrichmentFile.parse(yaml, "test.yaml");
    Configuration complete = SettingsReader.options(file, Configuration.fromMap(options));
    return LocalEnrichment.run(
        SettingsReader.read(file, complete),
        model,
        complete,
        2,
        checkpoints,
        startFrom,
        totals -> {});
  }

  private static ScriptedReply reply(GenerationRequest request) {
    return ScriptedReply.answer(
        Reviews.question(request).contains("awful")
            ? Reviews.answer("bad", 1)
            : Reviews.answer("good", 5));
  }

  @Test
  void addsFieldsToEveryRecordAndSaysWhyItCannot(TestInfo test) throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add(Reviews.line(1, "awful thing"));
    lines.add("no json at all");
    lines.add("{\"id\":2}");
    lines.add(Reviews.line(3, "garbage once"));
    lines.add(Reviews.line(4, "garbage for ever"));
    lines.add(Reviews.line(5, "too long for the model"));
    lines.add(Reviews.line(6, "lovely"));
    Files.write(input(), lines);
    ScriptedRuntimeSpec model =
        model(
            test,
            request -> {
              String prompt = request.prompt().toString();
              boolean again = Reviews.question(request).startsWith("That answer");
              if (prompt.contains("for ever") || prompt.contains("once") && !again) {
                return ScriptedReply.answer("{\"sentiment\":\"meh\",\"stars\":9}");
              }
              return prompt.contains("too long")
                  ? new ScriptedReply.Failure(RuntimeErrorCode.PROMPT_TOO_LONG)
                  : reply(request);
            });

    EnrichmentTotals totals = run(Reviews.yaml(input(), output(), ""), model);

    List<JsonNode> rows = Reviews.rows(output());
    assertThat(rows)
        .extracting(row -> row.get("id").intValue())
        .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(row.properties())
                    .extracting(Map.Entry::getKey)
                    .endsWith("sentiment", "stars", "falaj_error"));
    Map<Integer, JsonNode> byId =
        rows.stream()
            .collect(
                java.util.stream.Collectors.toMap(row -> row.get("id").intValue(), row -> row));
    assertThat(byId.get(1).get("sentiment").textValue()).isEqualTo("bad");
    assertThat(byId.get(1).get("falaj_error").isNull()).isTrue();
    assertThat(byId.get(2).get("falaj_error").textValue())
        .startsWith("MISSING_INPUT: ")
        .contains("'text'");
    assertThat(byId.get(3).get("stars").intValue()).isEqualTo(5);
    assertThat(byId.get(4).get("sentiment").isNull()).isTrue();
    assertThat(byId.get(4).get("falaj_error").textValue()).startsWith("NOT_ALLOWED: /sentiment");
    assertThat(byId.get(5).get("falaj_error").textValue()).startsWith("PROMPT_TOO_LONG: ");
    assertThat(Reviews.rows(directory.resolve("out-dead-letters")))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.get("record").textValue()).isEqualTo("no json at all");
              assertThat(letter.get("error").textValue()).startsWith("UNDECODABLE_RECORD: ");
              assertThat(letter.get("offset").intValue()).isEqualTo(1);
            });

    assertThat(totals.records()).isEqualTo(7);
    assertThat(totals.enriched()).isEqualTo(3);
    assertThat(totals.deadLetters()).isEqualTo(1);
    assertThat(totals.errors())
        .isEqualTo(
            Map.of(
                "MISSING_INPUT", 1L,
                "NOT_ALLOWED", 1L,
                "PROMPT_TOO_LONG", 1L,
                "UNDECODABLE_RECORD", 1L));
    assertThat(totals.values())
        .containsEntry("sentiment", new java.util.TreeMap<>(Map.of("bad", 1L, "good", 2L)));
    assertThat(totals.askedAgain()).isEqualTo(2);
    assertThat(totals.samples()).as("none, as nobody asked for them").isEmpty();
  }

  @Test
  void duplicatesAtHalfHalveTheGeneratedTokens(TestInfo test) throws Exception {
    Files.write(
        input(),
        IntStream.range(0, 200)
            .mapToObj(i -> Reviews.line(i, "review number " + i % 100))
            .toList());
    ScriptedRuntimeSpec model = model(test, EnrichmentFilesTest::reply);

    EnrichmentTotals totals = run(Reviews.yaml(input(), output(), ""), model);

    assertThat(Reviews.rows(output()))
        .extracting(row -> row.get("id").intValue())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200).boxed().toList());
    assertThat(model.received()).hasSize(100);
    assertThat(totals.reused()).isEqualTo(100);
    assertThat(totals.completionLengths().count()).isEqualTo(100);
  }

  @Test
  void withoutReuseEveryRecordIsAsked(TestInfo test) throws Exception {
    Files.write(
        input(), IntStream.range(0, 20).mapToObj(i -> Reviews.line(i, "the same")).toList());
    ScriptedRuntimeSpec model = model(test, EnrichmentFilesTest::reply);

    run(Reviews.yaml(input(), output(), "reuse: {time-to-live: \"0\"}"), model);

    assertThat(Reviews.rows(output())).hasSize(20);
    assertThat(model.received()).hasSize(20);
  }

  @Test
  void readsAndWritesCsvWithItsTypes(TestInfo test) throws Exception {
    Path csv =
        Files.writeString(
            directory.resolve("in.csv"),
            "\uFEFFid,text,price\n1,\"awful, \"\"really\"\"\",2.50\n2,,3\n3,\"two\nlines\",x\n");
    String yaml =
        """
        name: prices
        source: {type: files, path: %s, format: csv, fields: {id: int, text: string, price: double}}
        prompt: {user: "{{#text}}{{text}}{{/text}}{{^text}}nothing{{/text}} for {{price}}"}
        output: {fields: {stars: int, note: {type: string, nullable: true}}}
        sink: {type: files, path: %s, format: csv}
        """
            .formatted(csv, output());
    ScriptedRuntimeSpec model =
        model(
            test,
            request ->
                ScriptedReply.answer(
                    "{\"stars\":%d,\"note\":%s}"
                        .formatted(
                            Reviews.question(request).length(),
                            Reviews.question(request).startsWith("nothing") ? "null" : "\"a,b\"")));

    run(yaml, model);

    String header = "id,text,price,stars,note,falaj_error"; // of each part file
    assertThat(Reviews.lines(output())).contains(header);
    assertThat(Reviews.lines(output()))
        .filteredOn(line -> !line.equals(header))
        .containsExactlyInAnyOrder(
            "1,\"awful, \"\"really\"\"\",2.50,%d,\"a,b\","
                .formatted("awful, \"really\" for 2.50".length()),
            "2,,3,%d,,".formatted("nothing for 3".length()));
    assertThat(Reviews.rows(directory.resolve("out-dead-letters")))
        .singleElement()
        .satisfies(
            letter -> assertThat(letter.get("error").textValue()).contains("price", "DOUBLE"));
  }

  @Test
  void oneStringIsTheModelsTextAndNoValueWhereItWasCut() throws Exception {
    Files.write(input(), List.of(Reviews.line(1, "short"), Reviews.line(2, "very much longer")));
    String yaml =
        """
        name: words
        source: {type: files, path: %s, format: jsonl}
        prompt: {user: "{{text}}"}
        output: {fields: {words: string}}
        sampling: {max_tokens: 4}
        sink: {type: files, path: %s, format: jsonl}
        """
            .formatted(input(), output());

    EnrichmentTotals totals =
        run(
            yaml,
            FakeRuntimeSpec.builder("enrich-plain-text").build(),
            Map.of(),
            Optional.empty(),
            Optional.empty());

    Map<Integer, JsonNode> byId = new HashMap<>();
    Reviews.rows(output()).forEach(row -> byId.put(row.get("id").intValue(), row));
    assertThat(byId.get(1).get("words").textValue()).isEqualTo("You said: short");
    assertThat(byId.get(2).get("words").isNull()).isTrue();
    assertThat(byId.get(2).get("falaj_error").textValue()).startsWith("TRUNCATED: ");
    assertThat(totals.askedAgain()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void aRunThatFailedAtHalfIsResumedWithoutARecordMissingOrTwice(String backend, TestInfo test)
      throws Exception {
    // More than the network buffers hold: at half, the source still has some to read.
    String padding = " x".repeat(2_000);
    Files.write(
        input(),
        IntStream.range(0, 600)
            .mapToObj(i -> Reviews.line(i, "review " + i + "." + padding))
            .toList());
    Path checkpoints = directory.resolve("checkpoints");
    AtomicBoolean poisoned = new AtomicBoolean(true);
    ScriptedRuntimeSpec model =
        model(
            test,
            request -> {
              if (Reviews.question(request).startsWith("review 300.") && poisoned.get()) {
                awaitNewerCheckpoint(checkpoints);
                return new ScriptedReply.Failure(RuntimeErrorCode.RUNTIME_CLOSED);
              }
              return reply(request);
            });
    Map<String, String> options =
        Map.of(
            "falaj.checkpoint.interval", "50 ms",
            "falaj.inference.max-in-flight", "8",
            "restart-strategy.type", "none",
            "state.backend.type", backend);
    String yaml = Reviews.yaml(input(), output(), "window: 0");

    assertThatThrownBy(() -> run(yaml, model, options, Optional.of(checkpoints), Optional.empty()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("failed by the script");
    int askedBefore = model.received().size();
    Optional<Path> newest = LocalEnrichment.newestCheckpoint(checkpoints);
    assertThat(newest).isPresent();
    assertThat(Reviews.rows(output())).hasSizeLessThan(600);

    poisoned.set(false);
    EnrichmentTotals totals = run(yaml, model, options, Optional.of(checkpoints), newest);

    assertThat(Reviews.rows(output()))
        .extracting(row -> row.get("id").intValue())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 600).boxed().toList());
    assertThat(totals.records()).as("over both runs").isEqualTo(600);
    assertThat(askedBefore).isGreaterThan(20);
    assertThat(model.received().size())
        .as("questions of both runs; only what was in flight is asked again")
        .isLessThan(600 + askedBefore / 2);
  }

  /** One that began after the call: the second new one. Called on the model's thread. */
  private static void awaitNewerCheckpoint(Path checkpoints) {
    Optional<Path> last = newestWhileTheyChange(checkpoints);
    for (int newer = 0; newer < 2; ) {
      LockSupport.parkNanos(20_000_000);
      Optional<Path> now = newestWhileTheyChange(checkpoints);
      if (now.isPresent() && !now.equals(last)) {
        newer++;
        last = now;
      }
    }
  }

  private static Optional<Path> newestWhileTheyChange(Path checkpoints) {
    try {
      return LocalEnrichment.newestCheckpoint(checkpoints);
    } catch (IOException | UncheckedIOException deletedMeanwhile) {
      return Optional.empty();
    }
  }
}
