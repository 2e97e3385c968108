package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.TopicScan;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's server that is not there, or not yet. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class LateServerIT {

  @TempDir Path directory;

  @Test
  void aServerThatIsNotThereIsOneLineWithItsAddressAndTheRemedy() {
    String url = "http://127.0.0.1:" + Ports.unused() + "/v1";
    CliRun run =
        CliRun.of(
            directory.resolve("cache"),
            "up",
            "--kafka-port=0",
            "--registry-port=0",
            "--flink-port=0",
            "--state-dir=" + directory.resolve("state"),
            "-D",
            "falaj.models.k2.engine=vllm",
            "-D",
            "falaj.models.k2.model=LLM360/K2-Think",
            "-D",
            "falaj.models.k2.base-url=" + url);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err().lines().filter(line -> line.startsWith("falaj: ")))
        .singleElement()
        .asString()
        .contains("LLM360/K2-Think", "no server answers at " + url)
        .endsWith("or start the job before its server, with check-at-open=false");
    assertThat(run.err()).doesNotContain("\tat ", "Exception");
  }

  @Test
  void aJobThatStartsBeforeItsServerAnswersWhenThatIsThere() throws Exception {
    int port = Ports.unused();
    Configuration job =
        Configuration.fromMap(
            Map.of(
                "falaj.models.k2.engine", "vllm",
                "falaj.models.k2.model", "LLM360/K2-Think",
                "falaj.models.k2.base-url", "http://127.0.0.1:" + port + "/v1",
                "falaj.models.k2.check-at-open", "false",
                "falaj.inference.retry.max-attempts", "1000"));
    LocalStackOptions stack =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 2)
            .withSlots(2);
    try (LocalPipeline pipeline = LocalPipeline.start(stack, job, 1, ProgressListener.NONE)) {
      Connection connection =
          Connection.of(
              pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
      try (ConfluentSchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry())) {
        send(connection, registry);
        TimeUnit.SECONDS.sleep(4);
        assertThat(pipeline.failure()).isNotDone();
        try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    Script.stream()
                        .data(
                            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"late\"},"
                                + "\"finish_reason\":\"stop\"}]}")
                        .data("[DONE]")
                        .end(),
                port)) {
          List<Completion> completions = new ArrayList<>();
          while (completions.isEmpty()) {
            assertThat(pipeline.failure()).isNotDone();
            TimeUnit.MILLISECONDS.sleep(300);
            completions = completions(connection, registry);
          }
          assertThat(completions.get(0).getAnswer()).isEqualTo("late");
          assertThat(server.received()).isNotEmpty();
        }
        List<String> letters = new ArrayList<>();
        TopicScan.read(
            connection,
            connection.topic(RecordKind.DEAD_LETTERS),
            "test",
            record -> letters.add("letter"));
        assertThat(letters).isEmpty();
      }
    }
  }

  private static void send(Connection connection, ConfluentSchemaRegistry registry)
      throws Exception {
    try (PromptProducer producer = new PromptProducer(connection, registry)) {
      producer
          .send(
              PromptRequest.newBuilder()
                  .setRequestId("early")
                  .setMessages(List.of(new ChatMessage("user", "hello")))
                  .setCreatedAt(Instant.now())
                  .build())
          .get();
    }
  }

  private static List<Completion> completions(
      Connection connection, ConfluentSchemaRegistry registry) {
    RecordDeserializer<Completion> values = new RecordDeserializer<>(Completion.class, registry);
    List<Completion> completions = new ArrayList<>();
    TopicScan.read(
        connection,
        connection.topic(RecordKind.COMPLETIONS),
        "test",
        record -> completions.add(values.deserialize(record.topic(), record.value())));
    return completions;
  }
}
