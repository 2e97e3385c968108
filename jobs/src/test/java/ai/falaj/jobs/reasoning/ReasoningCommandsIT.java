package ai.falaj.jobs.reasoning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.stack.LocalPipeline;
import ai.falaj.jobs.stack.LocalReasoningJob;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.operators.reasoning.CandidateId;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands against a local stack with the reasoning job in it, over scripted models: every
 * problem is hard, the candidates of "say 4 5 6" answer 4, 5 and 6, x fails, and the judge prefers
 * 4, or anything else where the problem says that it is fooled.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ReasoningCommandsIT {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern SAYS = Pattern.compile("say ([0-9x]) ([0-9x]) ([0-9x])");

  @TempDir static Path directory;
  private static ScriptedRuntimeSpec models;
  private static LocalPipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    models = ScriptedRuntimeSpec.of("recipe", ReasoningCommandsIT::reply);
    LocalStackOptions options =
        LocalStackOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("state"),
                directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withTopics(Connection.defaultTopics(), 2);
    Configuration job = new Configuration();
    job.setString("falaj.checkpoint.interval", Duration.ofMillis(300).toMillis() + " ms");
    pipeline =
        LocalPipeline.start(
            options, new LocalReasoningJob(unused -> models), job, 2, ProgressListener.NONE);
  }

  @AfterAll
  static void stop() {
    if (pipeline != null) {
      pipeline.close();
    }
  }

  private static ScriptedReply reply(GenerationRequest request) {
    String id = request.requestId();
    List<ChatMessage> messages = ((Prompt.Chat) request.prompt()).messages();
    String prompt = messages.get(messages.size() - 1).content();
    if (id.endsWith("#topics")) {
      return ScriptedReply.answer(
          "{\"is_hard_problem\":true,\"plan\":\"\",\"search_list\":[\"saying\"]}");
    }
    if (id.endsWith("#plan")) {
      return ScriptedReply.answer("<plan>say it</plan>");
    }
    if (id.contains("#judge")) {
      int second = prompt.indexOf("Response 1: ");
      boolean second4 = prompt.indexOf("{4}", second) > 0;
      return ScriptedReply.answer(
          "{\"index\":%d,\"explanation\":\"as scripted\"}"
              .formatted(second4 == prompt.contains("fooled") ? 0 : 1));
    }
    Matcher says = SAYS.matcher(prompt);
    assertThat(says.find()).as(prompt).isTrue();
    String answer = says.group(CandidateId.parse(id).index() + 1);
    return answer.equals("x")
        ? new ScriptedReply.Failure(RuntimeErrorCode.INVALID_PARAMETER)
        : new ScriptedReply.Text("Hm.", "\\boxed{" + answer + "}");
  }

  @Test
  void evaluatesTheCandidatesTheVoteAndTheJudge() throws IOException {
    Path problems =
        problems("say 4 4 5", "say 5 5 4", "say 4 5 5, fooled", "say x x x", "say 4 x 4");
    Path out = directory.resolve("run");

    Ran ran =
        falaj("eval", problems.toString(), "--job", "reasoning", "--out", out.toString(), "--json");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    JsonNode report = MAPPER.readTree(ran.out);
    assertThat(report.path("samples").asInt()).isEqualTo(3);
    assertThat(value(report.path("passAt1"))).isCloseTo(2.0 / 5, within(1e-9));
    assertThat(value(report.path("majority"))).isEqualTo(2.0 / 5);
    assertThat(value(report.path("judged"))).isEqualTo(3.0 / 5);
    assertThat(report.path("judged").path("low").asDouble()).isBetween(0.2, 0.3);
    assertThat(report.path("judged").path("high").asDouble()).isBetween(0.85, 0.9);
    assertThat(report.path("deadLetters").get(0).path("id").asText()).isEqualTo("p4");
    assertThat(report.path("finishReasons").path("FAILED").asInt()).isEqualTo(1);
    assertThat(value(report.path("roles").path("planner").path("calls"))).isEqualTo(2);
    assertThat(value(report.path("roles").path("solver").path("calls"))).isEqualTo(3);
    assertThat(value(report.path("roles").path("judge").path("calls"))).isEqualTo(7.0 / 4);
    assertThat(value(report.path("completionTokens")))
        .as("all roles")
        .isEqualTo(
            written(report, "planner") + written(report, "solver") + written(report, "judge"))
        .isGreaterThan(written(report, "solver"));
    assertThat(value(report.path("secondsPerProblem"))).isPositive();
    assertThat(Files.readString(out.resolve("run.json"))).contains("\"job\" : \"reasoning\"");

    Ran words = falaj("eval", "grade", out.toString());
    assertThat(words.out)
        .containsPattern("majority@3 +40\\.0%")
        .containsPattern("best of 3, judged +60\\.0%  \\(95%: 23\\.1 to 88\\.2\\)")
        .containsPattern("\n  judge +\\d+ written and \\d+ read, in 1\\.8 calls");
    Ran other = falaj("eval", problems.toString(), "--job", "completion", "--out", out.toString());
    assertThat(other.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(other.err).contains("a run with another job (reasoning, now completion)");
  }

  @Test
  void asksForFewerCandidates() throws IOException {
    Ran ran =
        falaj("eval", problems("say 4 5 6").toString(), "--job", "reasoning", "-n", "2", "--json");

    JsonNode report = MAPPER.readTree(ran.out);
    assertThat(report.path("counts").path("samples").asInt()).isEqualTo(2);
    assertThat(value(report.path("roles").path("judge").path("calls"))).isEqualTo(1);
  }

  @Test
  void answersAPromptAndShowsItsTrace() throws IOException {
    Ran asked = falaj("prompt", "say 5 4 5", "--json");
    assertThat(asked.exitCode).as(asked.err).isEqualTo(ExitCodes.OK);
    JsonNode completion = MAPPER.readTree(asked.out);
    assertThat(completion.path("answer").asText()).isEqualTo("\\boxed{4}");
    String id = completion.path("request_id").asText();

    Ran all = consume("--json");
    assertThat(all.exitCode).as(all.err).isEqualTo(ExitCodes.OK);
    List<JsonNode> traces = new ArrayList<>();
    for (String line : all.out.lines().toList()) {
      traces.add(MAPPER.readTree(line).path("value"));
    }
    assertThat(traces).extracting(trace -> trace.path("request_id").asText()).contains(id);
    JsonNode trace =
        traces.stream()
            .filter(one -> one.path("request_id").asText().equals(id))
            .findFirst()
            .orElseThrow();
    assertThat(trace.path("plans").get(0).path("plan").asText()).isEqualTo("say it");
    assertThat(trace.path("winner").asInt()).isEqualTo(1);
    assertThat(trace.path("calls")).hasSize(7);

    assertThat(consume().out)
        .containsPattern(
            Pattern.quote(id)
                + " ANSWERED candidate 1 of 3 7 calls \\d+ tok \\d+ ms \\\\boxed\\{4\\}\n");
    assertThat(consume("--request", id).out)
        .hasLineCount(12)
        .contains("plan\n  topics: saying\n  say it\n", "1 or 2: 1, as scripted");
  }

  @Test
  void streamsTheAnswerThatWonInTheEnd() {
    Ran ran = falaj("prompt", "say 5 4 5");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out).endsWith("\\boxed{4}\n");
  }

  private static double value(JsonNode estimate) {
    assertThat(estimate.path("value").isNumber()).as(estimate.toString()).isTrue();
    return estimate.path("value").asDouble();
  }

  private static double written(JsonNode report, String role) {
    return value(report.path("roles").path(role).path("completionTokens"));
  }

  /** Problems p1, p2 ... whose right answer is 4. */
  private static Path problems(String... questions) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String question : questions) {
      lines.add(
          MAPPER.writeValueAsString(
              Map.of("id", "p" + (lines.size() + 1), "question", question, "answer", "#### 4")));
    }
    return Files.write(Files.createTempFile(directory, "problems", ".jsonl"), lines);
  }

  private record Ran(int exitCode, String out, String err) {}

  private static Ran consume(String... options) {
    List<String> args = new ArrayList<>(List.of("consume", "traces"));
    args.addAll(List.of(options));
    return falaj(args.toArray(String[]::new));
  }

  private static Ran falaj(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    boolean connects = !List.of(args).subList(0, 2).equals(List.of("eval", "grade"));
    if (connects) {
      all.addAll(
          List.of(
              "--bootstrap", pipeline.stack().kafka().bootstrapServers(),
              "--registry", pipeline.stack().registry().url()));
    }
    if (connects && args[0].equals("eval") && !all.contains("--out")) {
      all.addAll(List.of("--out", directory.resolve("run-" + all.hashCode()).toString()));
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
