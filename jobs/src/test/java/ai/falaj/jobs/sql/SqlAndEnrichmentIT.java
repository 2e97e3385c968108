package ai.falaj.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.completion.ModelSpecs;
import ai.falaj.jobs.enrich.EnrichmentFile;
import ai.falaj.jobs.enrich.EnrichmentJob;
import ai.falaj.jobs.enrich.SettingsReader;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same 5,000 records through {@code falaj sql} and {@code falaj enrich}: one question, one
 * schema, one server, whose answers depend on what it is asked and on nothing else.
 */
@Timeout(300)
class SqlAndEnrichmentIT {

  private static final int RECORDS = 5_000;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern TICKET = Pattern.compile("ticket (\\d+)");

  @TempDir static Path directory;

  private static ScriptedServer server;

  /** What is made of one record; the error is its code. */
  private record Row(String team, Integer stars, String error) {}

  @BeforeAll
  static void start() throws IOException {
    server = ScriptedServer.start(SqlAndEnrichmentIT::reply);
    Files.createDirectory(directory.resolve("in"));
    List<String> lines = new ArrayList<>();
    for (int id = 0; id < RECORDS; id++) {
      lines.add("{\"id\":%d,\"body\":\"ticket %d, شكوى\"}".formatted(id, id));
    }
    Files.write(directory.resolve("in/tickets.jsonl"), lines);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Script reply(ReceivedRequest request) {
    if (request.method().equals("GET")) {
      return Script.response(200, "{\"data\":[{\"id\":\"m\"}]}");
    }
    Matcher ticket = TICKET.matcher(request.body());
    assertThat(ticket.find()).as(request.body()).isTrue();
    Row row = answer(Integer.parseInt(ticket.group(1)));
    return Script.stream()
        .data(
            "{\"choices\":[{\"delta\":{\"content\":\"{\\\"team\\\": \\\"%s\\\", \\\"stars\\\": %d}\"},\"finish_reason\":\"stop\"}]}"
                .formatted(row.team(), row.stars()))
        .data("[DONE]")
        .end();
  }

  private static Row answer(int id) {
    String team = id % 97 == 5 ? "nobody" : List.of("billing", "delivery", "care").get(id % 3);
    return new Row(team, id % 89 == 7 ? 9 : 1 + id % 5, null);
  }

  private static Map<Integer, Row> expected() {
    Map<Integer, Row> rows = new TreeMap<>();
    for (int id = 0; id < RECORDS; id++) {
      Row answer = answer(id);
      boolean isNobody = answer.team().equals("nobody");
      rows.put(
          id,
          isNobody || answer.stars() > 5
              ? new Row(null, null, isNobody ? "NOT_ALLOWED" : "OUT_OF_RANGE")
              : answer);
    }
    return rows;
  }

  @Test
  void giveTheSameRowsOfAllThatIsThere() throws IOException {
    Path bySql = directory.resolve("sql-batch");
    Path byYaml = directory.resolve("yaml-batch");

    run("sql", write("batch.sql", script("batch", bySql)));
    run("enrich", write("batch.yaml", yaml("batch", byYaml)));

    assertThat(rows(bySql, "error")).hasSize(RECORDS).isEqualTo(expected());
    assertThat(rows(byYaml, "falaj_error")).isEqualTo(expected());
  }

  /** An enrichment that streams waits for more files; it is cancelled when all rows are there. */
  @Test
  void giveTheSameRowsAsTheyStream() throws Exception {
    Path bySql = directory.resolve("sql-streaming");
    Path byYaml = directory.resolve("yaml-streaming");

    run("sql", write("streaming.sql", script("streaming", bySql)));
    JobClient job = start(EnrichmentFile.parse(yaml("streaming", byYaml), "streaming.yaml"));
    while (rows(byYaml, "falaj_error").size() < RECORDS) {
      assertThat(job.getJobStatus().get())
          .isIn(JobStatus.INITIALIZING, JobStatus.CREATED, JobStatus.RUNNING);
      Thread.sleep(200);
    }
    job.cancel().get();

    assertThat(rows(bySql, "error")).hasSize(RECORDS).isEqualTo(expected());
    assertThat(rows(byYaml, "falaj_error")).isEqualTo(expected());
  }

  private static JobClient start(EnrichmentFile file) throws Exception {
    Configuration options = SettingsReader.options(file, new Configuration());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, options);
    EnrichmentJob.build(env, SettingsReader.read(file, options), ModelSpecs.fromOptions(options));
    return env.executeAsync();
  }

  private static Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static void run(String command, Path file) {
    StringWriter err = new StringWriter();
    int exit =
        Falaj.run(
            new String[] {command, file.toString(), "-p", "2"},
            new PrintWriter(new StringWriter()),
            new PrintWriter(err));
    assertThat(exit).as(err.toString()).isZero();
  }

  private static String script(String mode, Path out) {
    return """
        SET 'execution.runtime-mode' = '%1$s';
        SET 'table.exec.async-ml-predict.max-concurrent-operations' = '32';
        CREATE TABLE tickets (id INT, body STRING)
          WITH ('connector' = 'filesystem', 'path' = '%2$s', 'format' = 'json');
        CREATE TABLE routed (id INT, team STRING, stars INT, error STRING)
          WITH ('connector' = 'filesystem', 'path' = '%3$s', 'format' = 'json');
        CREATE MODEL router INPUT (body STRING) OUTPUT (team STRING, stars INT, error STRING)
          WITH ('provider' = 'falaj', 'engine' = 'vllm', 'model' = 'm', 'endpoint' = '%4$s/v1',
                'prompt-template' = 'Whose is this? {{body}}', 'max-tokens' = '50',
                'fields.team.enum' = 'billing;delivery;care',
                'fields.stars.minimum' = '1', 'fields.stars.maximum' = '5', 'error-column' = 'error');
        INSERT INTO routed SELECT id, team, stars, error
          FROM ML_PREDICT(TABLE tickets, MODEL router, DESCRIPTOR(body));
        """
        .formatted(mode, directory.resolve("in").toUri(), out.toUri(), server.address());
  }

  private static String yaml(String mode, Path out) {
    return """
        name: tickets-%1$s
        mode: %1$s
        source: {type: files, path: %2$s, format: jsonl}
        prompt: {user: "Whose is this? {{body}}"}
        output:
          fields:
            team: {type: string, enum: [billing, delivery, care]}
            stars: {type: int, minimum: 1, maximum: 5}
        sampling: {max_tokens: 50}
        sink: {type: files, path: %3$s, format: jsonl}
        options:
          falaj.models.m.engine: vllm
          falaj.models.m.model: m
          falaj.models.m.base-url: %4$s/v1
          falaj.checkpoint.interval: 1 s
        """
        .formatted(mode, directory.resolve("in"), out, server.address());
  }

  /** All rows below a folder, each id once. */
  private static Map<Integer, Row> rows(Path folder, String errorField) throws IOException {
    Map<Integer, Row> rows = new TreeMap<>();
    if (Files.notExists(folder)) {
      return rows;
    }
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files =
          found
              .filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList();
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        JsonNode row = MAPPER.readTree(line);
        String error = row.path(errorField).isNull() ? null : row.path(errorField).asText();
        Row earlier =
            rows.put(
                row.get("id").asInt(),
                new Row(
                    row.get("team").isNull() ? null : row.get("team").asText(),
                    row.get("stars").isNull() ? null : row.get("stars").asInt(),
                    error == null ? null : error.split("[: ]", 2)[0]));
        assertThat(earlier).as(line).isNull();
      }
    }
    return rows;
  }
}
