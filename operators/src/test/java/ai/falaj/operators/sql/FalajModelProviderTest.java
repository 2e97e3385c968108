package ai.falaj.operators.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.testing.http.Script;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements as users write them, planned and run by Flink, against a server of the test. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FalajModelProviderTest {

  private static final String REVIEWS =
      """
      CREATE TEMPORARY VIEW reviews AS SELECT * FROM (VALUES
        (1, 'a fine thing', CAST(NULL AS INT)), (2, 'a poor thing', 5), (3, 'شيء رائع', 7))
        AS t(id, body, age)
      """;

  @Test
  void isFoundByFlink() {
    assertThat(
            FactoryUtil.discoverFactory(
                getClass().getClassLoader(), ModelProviderFactory.class, "falaj"))
        .isInstanceOf(FalajModelProviderFactory.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fillsTypedColumns(boolean batch) throws Exception {
    try (ChatServer server =
        ChatServer.answering(
            body ->
                """
                {"class": "%s", "stars": 4, "price": 12.345, "day": "2026-11-24",
                 "seen": "2026-11-24T08:30:00", "tags": ["a", "ب"], "place": {"city": "دبي", "lat": 25.2}}
                """
                    .formatted(ChatServer.lastMessage(body).contains("poor") ? "bad" : "good"))) {
      SqlSession sql = batch ? SqlSession.batch() : SqlSession.streaming();
      sql.execute(REVIEWS);
      sql.execute(
          """
          CREATE MODEL judge
          INPUT (body STRING)
          OUTPUT (class STRING, stars TINYINT, price DECIMAL(6, 2), `day` DATE, seen TIMESTAMP(3),
                  tags ARRAY<STRING>, place ROW<city STRING, lat DOUBLE>, error STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s',
                'error-column' = 'error', 'system-prompt' = 'Judge.', 'temperature' = '0',
                'max-tokens' = '50', 'fields.class.enum' = 'good; bad', 'fields.stars.minimum' = '1')
          """
              .formatted(server.endpoint()));

      List<Row> rows =
          sql.rows(
              "SELECT id, class, stars, price, `day`, seen, tags, place, error"
                  + " FROM ML_PREDICT(TABLE reviews, MODEL judge, DESCRIPTOR(body))");

      assertThat(rows).hasSize(3);
      assertThat(rows)
          .allSatisfy(
              row -> {
                int id = row.getFieldAs(0);
                assertThat(row.<String>getFieldAs(1)).isEqualTo(id == 2 ? "bad" : "good");
                assertThat(row.getField(2)).isEqualTo((byte) 4);
                assertThat(row.getField(3)).isEqualTo(new BigDecimal("12.35"));
                assertThat(row.getField(4)).isEqualTo(LocalDate.of(2026, 11, 24));
                assertThat(row.getField(5)).isEqualTo(LocalDateTime.of(2026, 11, 24, 8, 30));
                assertThat(row.<String[]>getFieldAs(6)).containsExactly("a", "ب");
                assertThat(row.getField(7)).isEqualTo(Row.of("دبي", 25.2));
                assertThat(row.getField(8)).isNull();
              });
      JsonNode asked = server.received().get(0);
      assertThat(asked.path("messages").path(0).path("content").asText()).isEqualTo("Judge.");
      assertThat(asked.path("temperature").asDouble()).isZero();
      assertThat(asked.path("response_format").toString())
          .contains("\"enum\":[\"good\",\"bad\"]")
          .contains("\"minimum\":1")
          .doesNotContain("\"error\"");
    }
  }

  @Test
  void takesTheTextAsItIsForOneStringAndRendersTheTemplate() throws Exception {
    try (ChatServer server = ChatServer.answering(ChatServer::lastMessage)) {
      SqlSession sql = SqlSession.streaming();
      sql.execute(REVIEWS);
      sql.execute(
          """
          CREATE MODEL echo INPUT (body STRING, age INT) OUTPUT (answer STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s',
                'prompt-template' = 'Say "{{body}}"{{#age}} as one of {{age}} <years>{{/age}}.')
          """
              .formatted(server.endpoint()));

      assertThat(
              sql.rows(
                  "SELECT answer FROM ML_PREDICT(TABLE reviews, MODEL echo, DESCRIPTOR(body, age))"))
          .containsExactlyInAnyOrder(
              Row.of("Say \"a fine thing\"."),
              Row.of("Say \"a poor thing\" as one of 5 <years>."),
              Row.of("Say \"شيء رائع\" as one of 7 <years>."));
      assertThat(server.received()).noneMatch(body -> body.has("response_format"));
    }
  }

  @Test
  void givesNullsAndTheErrorForTheRowsThatFail() throws Exception {
    try (ChatServer server =
        ChatServer.scripted(
            body ->
                ChatServer.lastMessage(body).contains("poor")
                    ? Script.response(
                        400, "{\"error\":{\"message\":\"a poor thing\",\"type\":\"bad\"}}")
                    : ChatServer.answer("{\"stars\": 4}", "stop"))) {
      SqlSession sql = SqlSession.streaming();
      sql.execute(REVIEWS);
      sql.execute(
          """
          CREATE MODEL judge INPUT (body STRING) OUTPUT (stars INT, why STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s',
                'error-column' = 'why')
          """
              .formatted(server.endpoint()));

      List<Row> rows =
          sql.rows(
              "SELECT id, stars, why FROM ML_PREDICT(TABLE reviews, MODEL judge, DESCRIPTOR(body))");

      assertThat(rows).contains(Row.of(1, 4, null), Row.of(3, 4, null));
      Row failed = rowOf(2, rows);
      assertThat(failed.getField(1)).isNull();
      assertThat(failed.<String>getFieldAs(2))
          .startsWith("INVALID_PARAMETER: ")
          .doesNotContain("a poor thing");
    }
  }

  /** Only the Table API can declare them: CREATE MODEL knows physical columns. */
  @Test
  void fillsMetadataColumnsOfModelsMadeByTheTableApi() throws Exception {
    try (ChatServer server = ChatServer.answering(body -> "{\"stars\": \"many\"}")) {
      SqlSession sql = SqlSession.streaming();
      sql.execute(REVIEWS);
      sql.tables()
          .createTemporaryModel(
              "judge",
              ModelDescriptor.forProvider("falaj")
                  .inputSchema(Schema.newBuilder().column("body", "STRING").build())
                  .outputSchema(
                      Schema.newBuilder()
                          .column("stars", "INT")
                          .columnByMetadata("error-string", DataTypes.STRING(), true)
                          .columnByMetadata("code", DataTypes.STRING(), "error-code", true)
                          .build())
                  .option("engine", "vllm")
                  .option("model", "m")
                  .option("endpoint", server.endpoint())
                  .build());

      assertThat(
              sql.rows(
                  "SELECT stars, `error-string`, code"
                      + " FROM ML_PREDICT(TABLE reviews, MODEL judge, DESCRIPTOR(body))"))
          .hasSize(3)
          .containsOnly(Row.of(null, "/stars: it is a string; a number is wanted", "WRONG_TYPE"));
    }
  }

  @Test
  void takesOptionsFromTheRow() throws Exception {
    try (ChatServer server = ChatServer.answering(body -> "ok")) {
      SqlSession sql = SqlSession.streaming();
      sql.execute(
          """
          CREATE TEMPORARY VIEW prompts AS SELECT * FROM (VALUES
            ('short', 5, CAST(0.5 AS DOUBLE), 'Be brief.'), ('usual', CAST(NULL AS INT), CAST(NULL AS DOUBLE), CAST(NULL AS STRING)))
            AS t(prompt, max_tokens, temperature, system_prompt)
          """);
      sql.execute(
          """
          CREATE MODEL m INPUT (prompt STRING, max_tokens INT, temperature DOUBLE, system_prompt STRING)
          OUTPUT (answer STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s',
                'max-tokens' = '100', 'row-options' = 'max-tokens;temperature;system-prompt')
          """
              .formatted(server.endpoint()));

      sql.rows(
          "SELECT answer FROM ML_PREDICT(TABLE prompts, MODEL m,"
              + " DESCRIPTOR(prompt, max_tokens, temperature, system_prompt))");

      JsonNode brief = asked(server, "short");
      assertThat(brief.path("max_tokens").asInt()).isEqualTo(5);
      assertThat(brief.path("temperature").asDouble()).isEqualTo(0.5);
      assertThat(brief.path("messages").path(0).path("content").asText()).isEqualTo("Be brief.");
      JsonNode usual = asked(server, "usual");
      assertThat(usual.path("max_tokens").asInt()).isEqualTo(100);
      assertThat(usual.path("messages")).hasSize(1);
    }
  }

  @Test
  void answersAsManyRowsAsFlinkAllowsAtOnce() throws Exception {
    try (ChatServer server =
        ChatServer.scripted(
            body ->
                Script.stream()
                    .pause(Duration.ofMillis(300))
                    .data(
                        "{\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}")
                    .data("[DONE]")
                    .end())) {
      SqlSession sql = SqlSession.streaming();
      sql.set("parallelism.default", "1");
      sql.set("table.exec.async-ml-predict.max-concurrent-operations", "6");
      sql.execute(
          "CREATE TEMPORARY VIEW prompts AS SELECT * FROM (VALUES "
              + String.join(", ", IntStream.range(0, 24).mapToObj(i -> "('p" + i + "')").toList())
              + ") AS t(prompt)");
      sql.execute(
          """
          CREATE MODEL m INPUT (prompt STRING) OUTPUT (answer STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%s')
          """
              .formatted(server.endpoint()));

      assertThat(sql.rows("SELECT * FROM ML_PREDICT(TABLE prompts, MODEL m, DESCRIPTOR(prompt))"))
          .hasSize(24);
      assertThat(server.mostAnswering()).isBetween(2, 7);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "body STRING | x MAP<STRING, INT> | | output column x is MAP<STRING, INT>, which a model cannot fill",
        "body STRING | x CHAR(3) | | output column x is CHAR(3), which a model cannot fill",
        "body STRING | x INT NOT NULL | | output column x is NOT NULL and error-handling-strategy is null",
        "body STRING | x INT | 'error-column' = 'oops' | error-column is oops and OUTPUT has no such column; add oops STRING",
        "body STRING | x INT, e INT | 'error-column' = 'e' | output column e is INT and is to hold errors; make it STRING",
        "body STRING | x STRING | 'error-column' = 'x' | OUTPUT has no column for the model to fill; add one",
        "body STRING | x INT | 'fields.y.minimum' = '1' | fields.y.* names no field that the model fills; those are x",
        "body STRING | x INT | 'fields.x.size' = '1' | fields.x.size is no option",
        "body STRING | x INT | 'fields.x.minimum' = 'one' | fields.x.minimum is 'one'; it must be a number",
        "body STRING | x INT | 'fields.x.pattern' = 'a' | x is INT, and pattern is for STRING",
        "body STRING | x INT | 'fields.x.minimum' = '5', 'fields.x.maximum' = '1' | no model can be held to these fields: /properties/x",
        "body STRING | x TINYINT | 'fields.x.maximum' = '300' | goes beyond the column's type, TINYINT",
        "body STRING | x VARCHAR(3) | 'fields.x.max-length' = '4' | goes beyond the column's type, VARCHAR(3)",
        "body STRING, age INT | x INT | | the input columns [body, age] make no prompt by themselves; set prompt-template, such as '{{body}}'",
        "age INT | x INT | | input column age is INT, and a prompt is STRING",
        "body BYTES | x INT | | input column body is BYTES, which no prompt can hold; cast it to STRING",
        "body STRING | x INT | 'prompt-template' = 'About {{titel}}' | prompt-template names {{titel}} and the input columns are body; name one of them",
        "body STRING | x INT | 'prompt-template' = '{{#body}}more' | prompt-template is no Mustache template",
        "body STRING | x INT | 'prompt-template' = '{{>other}}' | prompt-template includes {{>other}}; write the text itself",
        "body STRING | x INT | 'row-options' = 'seed' | row-options has seed and INPUT has no column seed; add it",
        "body STRING | x INT | 'row-options' = 'colour' | row-options has 'colour'; rows may set temperature",
        "body STRING, seed STRING | x INT | 'row-options' = 'seed' | input column seed is STRING; as a row option it must be one of [TINYINT, SMALLINT, INTEGER, BIGINT]",
        "body STRING | x INT | 'temperature' = '3' | temperature is 3.0; it must be 0.0 to 2.0",
        "body STRING | x INT | 'temperature' = 'hot' | Could not parse value 'hot' for key 'temperature'",
        "body STRING | x INT | 'n' = '2' | n is 2; it must be 1, as each row stays one row",
        "body STRING | x INT | 'retry-num' = '-1' | retry-num is -1; it must be 0 or more",
        "body STRING | x INT | 'request-timeout' = '5 min' | request-timeout is PT5M and Flink fails the job after PT3M",
        "body STRING | x INT | 'api-key' = 'sk-secret' | api-key: a key is named by env:VARIABLE, file:PATH or none, and never written out",
        "body STRING | x INT | 'engine' = 'gpt' | engine: there is no preset 'gpt'; there are k2-think-cerebras",
        "body STRING | x INT | 'threads' = '2' | threads is an option of llamacpp and engine is vllm; leave it out, or name another engine",
        "body STRING | x INT | 'endpoint' = 'vllm:8000' | endpoint: the base URL of a model must be http(s)://HOST",
        "body STRING | x INT | 'colour' = 'blue' | colour",
        "body STRING | x INT | 'engine' = 'k2-think-cerebras', 'top-k' = '5' | the server of engine k2-think-cerebras cannot be asked so",
      })
  void refusesBeforeAJobStarts(String input, String output, String option, String message) {
    SqlSession sql = SqlSession.streaming();
    String more = option == null ? "" : ", " + option;
    String engine = more.contains("'engine'") ? "" : ", 'engine' = 'vllm'";
    String columns = input.replaceAll("\\s(STRING|INT|BYTES)", "");

    assertThatThrownBy(
            () -> {
              sql.execute(
                  "CREATE MODEL m INPUT (%s) OUTPUT (%s) WITH ('provider' = 'falaj', 'model' = 'm'%s%s)"
                      .formatted(input, output, engine, more));
              sql.execute(
                  "CREATE TEMPORARY TABLE t (%s) WITH ('connector' = 'datagen')".formatted(input));
              sql.rows(
                  "SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(%s))".formatted(columns));
            })
        .satisfies(
            failure ->
                assertThat(causes(failure)).anySatisfy(text -> assertThat(text).contains(message)))
        .hasMessageNotContaining("sk-secret");
  }

  @Test
  void namesTheOptionThatIsMissing() {
    SqlSession sql = SqlSession.streaming();
    sql.execute(REVIEWS);

    assertThatThrownBy(
            () -> {
              sql.execute(
                  "CREATE MODEL m INPUT (body STRING) OUTPUT (x INT) WITH ('provider' = 'falaj')");
              sql.rows("SELECT * FROM ML_PREDICT(TABLE reviews, MODEL m, DESCRIPTOR(body))");
            })
        .satisfies(
            failure ->
                assertThat(causes(failure))
                    .anySatisfy(
                        text ->
                            assertThat(text)
                                .contains("One or more required options are missing")
                                .contains("model")));
  }

  @Test
  void failsTheJobOverAKeyThatIsNotThere() {
    SqlSession sql = SqlSession.streaming();
    sql.execute(REVIEWS);
    sql.execute(
        """
        CREATE MODEL m INPUT (body STRING) OUTPUT (x INT)
        WITH ('provider' = 'falaj', 'engine' = 'openai', 'model' = 'm', 'api-key' = 'env:FALAJ_NO_SUCH_KEY')
        """);

    assertThatThrownBy(
            () -> sql.rows("SELECT * FROM ML_PREDICT(TABLE reviews, MODEL m, DESCRIPTOR(body))"))
        .satisfies(
            failure ->
                assertThat(causes(failure))
                    .anySatisfy(
                        text ->
                            assertThat(text)
                                .contains(
                                    "environment variable FALAJ_NO_SUCH_KEY, which is not set")));
  }

  private static JsonNode asked(ChatServer server, String prompt) {
    return server.received().stream()
        .filter(body -> ChatServer.lastMessage(body).equals(prompt))
        .findFirst()
        .orElseThrow();
  }

  private static Row rowOf(int id, List<Row> rows) {
    return rows.stream().filter(row -> row.getField(0).equals(id)).findFirst().orElseThrow();
  }

  private static List<String> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .map(Throwable::toString)
        .toList();
  }
}
