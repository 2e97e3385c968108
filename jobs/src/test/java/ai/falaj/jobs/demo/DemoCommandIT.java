package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.ScriptedJob;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo against services that run already. */
class DemoCommandIT {

  @TempDir static Path directory;
  private static KafkaAndRegistry services;

  @BeforeAll
  static void start() {
    services = KafkaAndRegistry.start(directory.resolve("services"));
  }

  @AfterAll
  static void stop() {
    services.close();
  }

  @Test
  void countsExactlyOneResultForEveryPrompt() throws IOException {
    Ran ran = demo("exact", List.of("Hi", "think", "dead", "restart"), "--json");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    JsonNode summary = new ObjectMapper().readTree(ran.out);
    assertThat(summary.path("prompts").asInt()).isEqualTo(4);
    assertThat(summary.path("completed").asInt()).isEqualTo(3);
    assertThat(summary.path("deadLettered").asInt()).isEqualTo(1);
    assertThat(summary.path("missing")).isEmpty();
    assertThat(summary.path("repeated")).isEmpty();
    assertThat(summary.path("tokens").path("completion").asInt()).isEqualTo(9);
    assertThat(summary.path("clientTimeToFirstTokenMs").path("p95").isNumber()).isTrue();
    assertThat(summary.path("jobTimeToFirstTokenMs").path("p50").asInt()).isEqualTo(5);
  }

  @Test
  void printsALineForEveryResultWhereThereIsNoTerminal() throws IOException {
    Ran ran = demo("lines", List.of("Hi", "dead"));

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out)
        .containsPattern("(?m)^ok   prompt0 +3 tok +20 ms  Hello from Falaj$")
        .containsPattern("(?m)^dead prompt1 +PROMPT_TOO_LONG: the prompt has 9000 tokens")
        .contains("✓ 2 prompts, 1 completions, 1 dead letters: every prompt has exactly one result")
        .contains("falaj prompt \"Why do dates grow in oases?\" --bootstrap ")
        .doesNotContain("\u001b");
  }

  @Test
  void failsWhenAResultIsMissing() throws IOException {
    Ran ran = demo("missing", List.of("Hi", "hang"), "--timeout", "2");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.out)
        .contains("✗ 2 prompts, 1 completions, 0 dead letters, 1 without a result: prompt1");
  }

  private record Ran(int exitCode, String out, String err) {}

  private static Ran demo(String name, List<String> prompts, String... options) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String prompt : prompts) {
      lines.add("{\"id\": \"prompt" + lines.size() + "\", \"prompt\": \"" + prompt + "\"}");
    }
    Path file = Files.write(directory.resolve(name + ".jsonl"), lines);
    Connection connection = services.topics(name);
    List<String> args = new ArrayList<>(List.of("demo", "--prompts", file.toString()));
    args.addAll(List.of(options));
    args.addAll(KafkaAndRegistry.options(connection));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    ScriptedJob job = new ScriptedJob(connection);
    try {
      int exitCode =
          Falaj.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));

      return new Ran(exitCode, out.toString(), err.toString());
    } finally {
      job.close();
    }
  }
}
