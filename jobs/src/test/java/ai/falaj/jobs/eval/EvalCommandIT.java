package ai.falaj.jobs.eval;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.KafkaAndRegistry;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The command against a real broker and registry, with a scripted job. */
class EvalCommandIT {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;
  private static KafkaAndRegistry services;

  private Connection connection;
  private ScriptedSolver solver;
  private Path out;

  @BeforeAll
  static void startServices() {
    services = KafkaAndRegistry.start(directory.resolve("services"));
  }

  @AfterAll
  static void stopServices() {
    services.close();
  }

  @BeforeEach
  void startSolver(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    connection = services.topics(name);
    solver = new ScriptedSolver(connection);
    out = directory.resolve(name);
  }

  @AfterEach
  void stopSolver() {
    solver.close();
  }

  @Test
  void gradesWhatComesBackAndListsWhatDoesNot() throws Exception {
    Ran ran = eval(set("say 4", "say 5", "dead", "think"), "--json");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    JsonNode report = MAPPER.readTree(ran.out);
    assertThat(report.path("problems").asInt()).isEqualTo(4);
    assertThat(report.path("passAt1").path("value").asDouble()).isEqualTo(0.25);
    assertThat(report.path("passAt1").path("method").asText()).isEqualTo("wilson");
    assertThat(report.path("deadLetters").get(0).path("id").asText()).isEqualTo("p3");
    assertThat(report.path("counts").path("withoutAnswer").asInt())
        .as("a box in the reasoning is no answer")
        .isEqualTo(1);
    assertThat(report.path("model").asText()).isEqualTo("scripted");
    assertThat(Files.readAllLines(out.resolve("results.jsonl"))).hasSize(4);
    PromptRequest prompt = solver.asked().take();
    assertThat(prompt.getStream()).isFalse();
    assertThat(prompt.getSampling().getTemperature()).isZero();
    assertThat(prompt.getSampling().getSeed()).isEqualTo(1);
  }

  @Test
  void saysInWordsWhatSeveralSamplesCameTo() throws IOException {
    Ran ran = eval(set("say 4 4 5 6", "say 5 5 4 6"), "-n", "4", "--label", "mine");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out)
        .contains("mine on " + out.getFileName() + ": 2 problems, 4 samples each")
        .containsPattern("pass@1 +37\\.5%  \\(95%: ")
        .containsPattern("pass@4 \\(best of all\\) +100\\.0%")
        .containsPattern("majority@4 +50\\.0%")
        .containsPattern("tokens per problem +20")
        .containsPattern("finish reasons +8 STOP");
  }

  @Test
  void failsWhereAResultIsMissingAndCancelsAndGoesOnLater() throws Exception {
    Ran first = eval(set("say 4", "hang"), "--timeout", "3");

    assertThat(first.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(first.err)
        .contains(
            "falaj: 1 problems have no result; nothing came for 3 s; check that a job answers, then"
                + " go on with the same options and --out "
                + out);
    String cancelled = solver.cancelledKeys().poll(10, TimeUnit.SECONDS);
    assertThat(cancelled).startsWith("eval-").endsWith("-p2");

    PromptRequest hanging =
        solver.asked().stream()
            .filter(prompt -> prompt.getRequestId().equals(cancelled))
            .findFirst()
            .orElseThrow();
    // What a job answers to the cancellation is no result.
    solver.publish(
        RecordKind.COMPLETIONS,
        hanging,
        Completion.newBuilder(ScriptedSolver.completion(hanging, null, List.of("4")))
            .setFinishReason(FinishReason.CANCELLED)
            .build());
    Ran second = eval(set("say 4", "hang"), "--timeout", "3");
    assertThat(second.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(second.err).contains("1 problems are through already");

    // What came while nobody was reading is.
    solver.publish(
        RecordKind.COMPLETIONS, hanging, ScriptedSolver.completion(hanging, null, List.of("4")));
    int askedBefore = solver.asked().size();
    Ran third = eval(set("say 4", "hang"), "--json");
    assertThat(third.exitCode).as(third.err).isEqualTo(ExitCodes.OK);
    assertThat(MAPPER.readTree(third.out).path("passAt1").path("value").asDouble()).isEqualTo(1);
    assertThat(solver.asked()).hasSize(askedBefore);
  }

  @Test
  void failsWhereNothingWasAnswered() throws IOException {
    Ran ran = eval(set("dead"));

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.err)
        .contains(
            "falaj: no problem was answered, the first one because of PROMPT_TOO_LONG: the prompt"
                + " has 9000 tokens");
  }

  @Test
  void gradesAKeptRunAgainAndComparesIt() throws Exception {
    eval(set("say 4", "say 5"), "--label", "mine");
    Path results = out.resolve("results.jsonl");
    Files.writeString(
        results, Files.readString(results).replace("\"correct\":true", "\"correct\":false"));

    Ran graded = falaj("eval", "grade", out.toString(), "--write");
    assertThat(graded.exitCode).as(graded.err).isEqualTo(ExitCodes.OK);
    assertThat(graded.err).contains("p1, sample 0: was wrong, is right");
    assertThat(graded.out).containsPattern("pass@1 +50\\.0%");
    assertThat(falaj("eval", "grade", results.toString()).err).doesNotContain("was wrong");

    Path svg = directory.resolve("chart.svg");
    Path html = directory.resolve("page.html");
    Ran compared =
        falaj(
            "eval", "compare", out.toString(), "--svg", svg.toString(), "--html", html.toString());
    assertThat(compared.exitCode).as(compared.err).isEqualTo(ExitCodes.OK);
    assertThat(compared.out).contains("mine", "50.0 [9.5, 90.5]");
    assertThat(svg).content().startsWith("<svg ");
    assertThat(html).content().startsWith("<!DOCTYPE html>");
  }

  private record Ran(int exitCode, String out, String err) {}

  /** Problems p1, p2 ... whose right answer is 4. */
  private String set(String... questions) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String question : questions) {
      lines.add(
          MAPPER.writeValueAsString(
              Map.of("id", "p" + (lines.size() + 1), "question", question, "answer", "#### 4")));
    }
    return Files.write(directory.resolve(out.getFileName() + ".jsonl"), lines).toString();
  }

  private Ran eval(String file, String... options) {
    List<String> args =
        new ArrayList<>(List.of("eval", file, "--out", out.toString(), "--timeout", "30"));
    if (List.of(options).contains("--timeout")) {
      args.removeAll(List.of("--timeout", "30"));
    }
    args.addAll(List.of(options));
    args.addAll(KafkaAndRegistry.options(connection));
    return falaj(args.toArray(String[]::new));
  }

  private static Ran falaj(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Falaj.run(args, new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
