package ai.falaj.jobs.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.DialogueOptions;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.schemas.Topics;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The loop of docs/CONVERSATIONS.md, command by command, with llama.cpp and a small model that
 * would not call a tool by itself.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RealEngineToolsIT {

  private static final String MODEL = "smollm2-135m-instruct";
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void aModelThatMustCallsAToolAndGoesOnWithWhatItGave() throws Exception {
    ModelStore.fromEnvironment().pull(MODEL, ProgressListener.NONE);
    Path home = Path.of(System.getProperty("falaj.home"));
    Configuration job = new Configuration();
    job.set(CompletionOptions.MODEL, MODEL);
    job.set(CompletionOptions.CONTEXT_TOKENS, 1024);
    job.set(CompletionOptions.MAX_SEQUENCES, 2);
    job.set(DialogueOptions.TOOLS_ENABLED, true);
    job.set(DialogueOptions.TOOLS_TIMEOUT, Duration.ofMinutes(10));
    LocalStackOptions stack =
        LocalStackOptions.in(home, directory.resolve("state"), directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 2)
            .withSlots(2);

    try (LocalPipeline pipeline = LocalPipeline.start(stack, job, 2, ProgressListener.NONE)) {
      falaj(pipeline, "produce", home.resolve("examples/tools.jsonl").toString());
      JsonNode call = MAPPER.readTree(awaitCall(pipeline));
      assertThat(call.path("name").asText()).isEqualTo("water_level");
      JsonNode arguments = MAPPER.readTree(call.path("arguments").asText());
      assertThat(arguments.size()).isEqualTo(1);
      assertThat(arguments.path("canal").asText())
          .as("held to the schema of the tool's parameters")
          .hasSizeLessThanOrEqualTo(20);

      falaj(pipeline, "tools", "answer", call.path("tool_request_id").asText(), "1.4 m");
      GenericRecord completion = awaitCompletion(pipeline);
      assertThat(completion.get("request_id")).hasToString("canal-1");
      assertThat(completion.get("answer").toString()).isNotBlank().doesNotContain("<tool_call>");
      assertThat((List<?>) completion.get("tool_calls"))
          .singleElement()
          .satisfies(
              called -> {
                GenericRecord tool = (GenericRecord) called;
                assertThat(tool.get("name")).hasToString("water_level");
                assertThat(tool.get("outcome")).hasToString("ANSWERED");
              });
      assertThat(completion.get("finish_reason").toString()).isIn("STOP", "LENGTH");
      assertThat(reader(pipeline).readAll(Topics.DEAD_LETTERS)).isEmpty();
    }
  }

  private static String awaitCall(LocalPipeline pipeline) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    String listed = "";
    while (listed.isBlank()) {
      assertThat(pipeline.failure()).isNotDone();
      assertThat(reader(pipeline).readAll(Topics.DEAD_LETTERS)).isEmpty();
      assertThat(System.nanoTime()).as("deadline for the call").isLessThan(deadline);
      Thread.sleep(300);
      listed = falaj(pipeline, "tools", "list", "--json");
    }
    return listed;
  }

  private static GenericRecord awaitCompletion(LocalPipeline pipeline) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<GenericRecord> completions = List.of();
    while (completions.isEmpty()) {
      assertThat(pipeline.failure()).isNotDone();
      assertThat(System.nanoTime()).as("deadline for the completion").isLessThan(deadline);
      Thread.sleep(300);
      completions = reader(pipeline).readAll(Topics.COMPLETIONS);
    }
    return completions.get(0);
  }

  private static WireReader reader(LocalPipeline pipeline) {
    return new WireReader(
        pipeline.stack().kafka().bootstrapServers(), pipeline.stack().registry().url());
  }

  private static String falaj(LocalPipeline pipeline, String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(
        List.of(
            "--bootstrap", pipeline.stack().kafka().bootstrapServers(),
            "--registry", pipeline.stack().registry().url()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(line.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    assertThat(exitCode).as(err.toString()).isEqualTo(ExitCodes.OK);
    return out.toString();
  }
}
