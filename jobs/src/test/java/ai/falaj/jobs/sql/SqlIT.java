package ai.falaj.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.testing.TinyModels;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code falaj sql} with everything real but the size of the model: broker, registry, Flink,
 * llama.cpp. Topics are Avro in Confluent's format, written and read by Flink's own SQL format.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SqlIT {

  private static final int TICKETS = 40;

  @TempDir Path directory;

  @Test
  void enrichesOneAvroTopicIntoAnotherWithLlamaCpp() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11);
    LocalStackOptions options =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(List.of("tickets", "routed"), 2);
    try (LocalStack stack = LocalStack.start(options)) {
      String script = script(stack, model);
      Path out = directory.resolve("rows.json");
      Path err = directory.resolve("errors");

      int exit = run(write(script), out, err);

      assertThat(exit).as(Files.readString(err)).isZero();
      List<JsonNode> rows = new ArrayList<>();
      for (String line : Files.readAllLines(out)) {
        rows.add(new JsonMapper().readTree(line).path("row"));
      }
      assertThat(rows).hasSize(TICKETS);
      Set<String> ids = new HashSet<>();
      for (JsonNode row : rows) {
        ids.add(row.path("id").asText());
        assertThat(row.path("error").isNull()).as(row.toString()).isTrue();
        assertThat(row.path("team").asText()).isIn("billing", "delivery", "technical");
        assertThat(row.path("urgent").isBoolean()).isTrue();
        assertThat(row.path("weight").asInt()).isBetween(1, 9);
      }
      assertThat(ids).hasSize(TICKETS);
    }
  }

  /** In a JVM of its own with the launcher's order of the class path. */
  private static int run(Path script, Path out, Path err) throws Exception {
    Path target = Path.of(System.getProperty("falaj.home"), "jobs", "target");
    String sqlAvro;
    try (Stream<Path> jars = Files.list(target.resolve("lib"))) {
      sqlAvro =
          jars.map(Path::toString)
              .filter(jar -> jar.contains("flink-sql-avro-confluent-registry"))
              .findFirst()
              .orElseThrow();
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "-cp",
                sqlAvro + File.pathSeparator + target.resolve("falaj-jobs.jar"),
                Falaj.class.getName(),
                "sql",
                script.toString(),
                "-p",
                "2",
                "--json")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      return process.waitFor(4, TimeUnit.MINUTES) ? process.exitValue() : -1;
    } finally {
      process.destroyForcibly();
    }
  }

  private Path write(String script) throws Exception {
    return Files.writeString(directory.resolve("script.sql"), script);
  }

  /** Bounded reading, so that each statement ends. */
  private static String script(LocalStack stack, Path model) {
    return """
        SET 'execution.runtime-mode' = 'batch';
        SET 'table.exec.async-ml-predict.max-concurrent-operations' = '32';
        CREATE TABLE tickets (id STRING, body STRING) WITH (%1$s, 'topic' = 'tickets');
        CREATE TABLE routed (id STRING, team STRING, urgent BOOLEAN, weight SMALLINT, error STRING)
          WITH (%1$s, 'topic' = 'routed');
        CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '%2$d',
          'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '%2$d');
        CREATE MODEL router INPUT (body STRING)
          OUTPUT (team STRING, urgent BOOLEAN, weight SMALLINT, error STRING)
          WITH ('provider' = 'falaj', 'model' = '%3$s', 'max-context-size' = '512',
                'max-sequences' = '8', 'threads' = '1', 'reasoning-budget-tokens' = '0', 'prompt-template' = 'Whose is this? {{body}}',
                'temperature' = '0', 'fields.team.enum' = 'billing;delivery;technical',
                'fields.weight.minimum' = '1', 'fields.weight.maximum' = '9',
                'error-column' = 'error');
        INSERT INTO tickets SELECT CAST(n AS STRING), 'تذكرة رقم ' || CAST(n AS STRING) FROM numbers;
        INSERT INTO routed SELECT id, team, urgent, weight, error
          FROM ML_PREDICT(TABLE tickets, MODEL router, DESCRIPTOR(body));
        SELECT * FROM routed;
        """
        .formatted(kafka(stack), TICKETS, model);
  }

  private static String kafka(LocalStack stack) {
    return """
        'connector' = 'kafka', 'properties.bootstrap.servers' = '%s',
        'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
        'format' = 'avro-confluent', 'avro-confluent.url' = '%s'"""
        .formatted(stack.kafka().bootstrapServers(), stack.registry().url());
  }
}
