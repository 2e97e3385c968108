package ai.falaj.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Falaj;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user runs it, with Flink in this JVM and a server of the test. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SqlCommandTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"batch", "streaming"})
  void enrichesACsvFileIntoJson(String mode) throws IOException {
    Files.createDirectory(directory.resolve("in"));
    Files.writeString(
        directory.resolve("in/reviews.csv"), "1,a fine thing\n2,a poor thing\n3,\"شيء، رائع\"\n");
    try (ScriptedServer server = ScriptedServer.start(SqlCommandTest::judge)) {
      int exit =
          run(
              """
              -- Files in, files out.
              SET 'execution.runtime-mode' = '%s';
              CREATE TABLE reviews (id INT, body STRING)
                WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'csv');
              CREATE TABLE judged (id INT, class STRING, stars INT, error STRING)
                WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');
              CREATE MODEL judge INPUT (body STRING) OUTPUT (class STRING, stars INT, error STRING)
                WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s/v1',
                      'error-column' = 'error', 'fields.class.enum' = 'good;bad');
              EXECUTE STATEMENT SET BEGIN
                INSERT INTO judged SELECT id, class, stars, error
                  FROM ML_PREDICT(TABLE reviews, MODEL judge, DESCRIPTOR(body));
              END;
              """
                  .formatted(
                      mode,
                      directory.resolve("in").toUri(),
                      directory.resolve("out").toUri(),
                      server.address()));

      assertThat(err.toString()).contains("script.sql:10: done in ");
      assertThat(exit).isZero();
      assertThat(linesBelow(directory.resolve("out")))
          .containsExactlyInAnyOrder(
              "{\"id\":1,\"class\":\"good\",\"stars\":4,\"error\":null}",
              "{\"id\":2,\"class\":\"bad\",\"stars\":1,\"error\":null}",
              "{\"id\":3,\"class\":\"good\",\"stars\":4,\"error\":null}");
    }
  }

  @Test
  void printsRowsForPeople() throws IOException {
    int exit =
        run(
            """
            SET 'execution.runtime-mode' = 'batch';
            SELECT id, name FROM (VALUES (1, 'ألف'), (2, NULLIF('b', 'b'))) AS t(id, name) ORDER BY id;
            SHOW TABLES;
            """);

    assertThat(exit).isZero();
    assertThat(out.toString()).contains("id").contains("ألف").contains("<NULL>").contains("2 rows");
  }

  @Test
  void printsRowsForMachines() throws IOException {
    int exit = run("SELECT id, tags FROM (VALUES (1, ARRAY['a', 'b'])) AS t(id, tags)", "--json");

    assertThat(exit).isZero();
    assertThat(out.toString().strip())
        .isEqualTo("{\"op\":\"+I\",\"row\":{\"id\":1,\"tags\":[\"a\",\"b\"]}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "SELEC 1 | script.sql:2: SQL parse failed. Non-query expression encountered in illegal context",
        "SELECT 1 FROM nowhere | script.sql:2: SQL validation failed. From line 2, column 15 to line 2, column 21: Object 'nowhere' not found",
        "SELECT * FROM (VALUES (1)) AS t(x) WHERE | script.sql:2: Encountered \"<EOF>\" at line 2, column 40.",
        "CREATE MODEL m INPUT (a STRING) OUTPUT (b INT) WITH ('provider'='falaj', 'model'='m', 'colour'='blue'); SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a)) | script.sql:2: Unsupported options found for 'falaj'. Unsupported options: colour",
        "CREATE MODEL m INPUT (a STRING) OUTPUT (b MAP<STRING, INT>) WITH ('provider'='falaj', 'model'='m'); SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a)) | script.sql:2: model m: output column b is MAP<STRING, INT>, which a model cannot fill",
        "CREATE MODEL m INPUT (a STRING) OUTPUT (b INT) WITH ('provider'='falaj', 'model'='/no/such.gguf'); SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a)) | /no/such.gguf",
      })
  void namesTheLineOfAMistake(String statements, String message) throws IOException {
    int exit =
        run(
            "CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES ('x')) AS t(a);\n" + statements,
            "-D",
            "restart-strategy.type=none");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).startsWith("falaj: ").contains(message);
    assertThat(err.toString().strip().lines()).hasSize(1);
  }

  @Test
  void wantsAFileThatIsThere() throws IOException {
    int exit = Falaj.run(new String[] {"sql", "nowhere.sql"}, writer(out), writer(err));

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString().strip())
        .isEqualTo("falaj: there is no file nowhere.sql; name a script of SQL statements");
  }

  private int run(String script, String... options) throws IOException {
    Path file = directory.resolve("script.sql");
    Files.writeString(file, script);
    List<String> args = new ArrayList<>(List.of("sql", file.toString(), "-p", "1"));
    args.addAll(List.of(options));
    return Falaj.run(args.toArray(String[]::new), writer(out), writer(err));
  }

  private static PrintWriter writer(StringWriter text) {
    return new PrintWriter(text);
  }

  private static Script judge(ReceivedRequest request) {
    if (request.method().equals("GET")) {
      return Script.response(200, "{\"data\":[{\"id\":\"m\"}]}");
    }
    String answer =
        request.body().contains("poor")
            ? "{\\\"class\\\": \\\"bad\\\", \\\"stars\\\": 1}"
            : "{\\\"class\\\": \\\"good\\\", \\\"stars\\\": 4}";
    return Script.stream()
        .data(
            "{\"choices\":[{\"delta\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}"
                .formatted(answer))
        .data("[DONE]")
        .end();
  }

  private static List<String> linesBelow(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith(".")) {
          lines.addAll(Files.readAllLines(file));
        }
      }
    }
    return lines;
  }
}
