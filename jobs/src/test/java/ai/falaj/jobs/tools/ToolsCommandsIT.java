package ai.falaj.jobs.tools;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.RecordWriter;
import ai.falaj.jobs.client.TopicScan;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.schemas.ToolRequest;
import ai.falaj.schemas.ToolResponse;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A person in place of a tool, with a real broker and a real registry. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ToolsCommandsIT {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;
  private static KafkaAndRegistry services;
  private static Connection connection;

  @BeforeAll
  static void startServices() {
    services = KafkaAndRegistry.start(directory);
    connection = services.topics("tools");
    LocalTopics.create(
        connection.bootstrapServers(), List.of(Topics.TOOL_REQUESTS, Topics.TOOL_RESPONSES), 3);
  }

  @AfterAll
  static void stopServices() {
    services.close();
  }

  private record Ran(int exitCode, String out, String err) {}

  private static Ran falaj(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(
        List.of(
            "--bootstrap", connection.bootstrapServers(),
            "--registry", connection.registry().displayUrls()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(line.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }

  private static void ask(ConfluentSchemaRegistry registry, String id, Duration left)
      throws InterruptedException {
    Instant now = Instant.now();
    byte[] key = ("key of " + id).getBytes(StandardCharsets.UTF_8);
    ToolRequest request =
        ToolRequest.newBuilder()
            .setToolRequestId(id)
            .setRequestId("r1")
            .setKey(ByteBuffer.wrap(key))
            .setRound(1)
            .setCallId("call_0")
            .setName("water_level")
            .setArguments("{\"canal\":\"الداودي\"}")
            .setAnswerUntil(now.plus(left))
            .setCreatedAt(now)
            .build();
    RecordWriter.write(
        connection,
        Topics.TOOL_REQUESTS,
        "test",
        key,
        new RecordSerializer<>(ToolRequest.class, registry)
            .serialize(Topics.TOOL_REQUESTS, request));
  }

  @Test
  void answersACallUnderItsKeyAndThenItIsOpenNoMore() throws Exception {
    try (ConfluentSchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry())) {
      ask(registry, "r1/1/0-open", Duration.ofMinutes(5));
      ask(registry, "r1/1/1-other", Duration.ofMinutes(5));
      ask(registry, "r1/1/2-late", Duration.ofMillis(-1));
      RecordWriter.write(
          connection,
          Topics.TOOL_REQUESTS,
          "test",
          null,
          "no avro".getBytes(StandardCharsets.UTF_8));

      Ran listed = falaj("tools", "list");
      assertThat(listed.exitCode).as(listed.err).isEqualTo(ExitCodes.OK);
      assertThat(listed.out.lines())
          .hasSize(2)
          .anyMatch(
              line ->
                  line.matches(
                      "r1/1/0-open water_level\\(\\{\"canal\":\"الداودي\"}\\), 29\\d s left"));

      Ran answered = falaj("tools", "answer", "r1/1/0-open", "1.4 m");
      assertThat(answered.exitCode).as(answered.err).isEqualTo(ExitCodes.OK);
      assertThat(answered.out).isEqualTo("told the model of r1\n");
      JsonNode failed =
          MAPPER.readTree(
              falaj("tools", "answer", "r1/1/1-other", "no such canal", "--error", "--json").out);
      assertThat(failed.path("is_error").asBoolean()).isTrue();
      assertThat(falaj("tools", "list").out).isEqualTo("no model waits for a tool\n");

      List<String> responses = new ArrayList<>();
      RecordDeserializer<ToolResponse> values =
          new RecordDeserializer<>(ToolResponse.class, registry);
      TopicScan.read(
          connection,
          Topics.TOOL_RESPONSES,
          "test",
          record -> {
            ToolResponse response = values.deserialize(record.topic(), record.value());
            responses.add(
                "%s: %s %s %s %s"
                    .formatted(
                        new String(record.key(), StandardCharsets.UTF_8),
                        response.getToolRequestId(),
                        response.getRequestId(),
                        response.getContent(),
                        response.getIsError()));
          });
      assertThat(responses)
          .containsExactlyInAnyOrder(
              "key of r1/1/0-open: r1/1/0-open r1 1.4 m false",
              "key of r1/1/1-other: r1/1/1-other r1 no such canal true");
    }
  }

  @Test
  void refusesToAnswerWhatNobodyAsked() {
    Ran ran = falaj("tools", "answer", "nobody/1/0-0", "text");
    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err)
        .isEqualTo(
            "falaj: no tool request nobody/1/0-0 is in falaj.tool-requests; falaj tools list shows"
                + " those that models wait for\n");
  }
}
