package ai.falaj.jobs.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.Falaj;
import ai.falaj.jobs.reasoning.ScriptedRecipe;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code falaj reason} in this process, over a server whose planner and solver follow a script. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReasonCommandTest {

  private ScriptedRecipe recipe;

  @BeforeEach
  void startServer() {
    recipe = new ScriptedRecipe();
  }

  @AfterEach
  void stopServer() {
    recipe.close();
  }

  @Test
  void showsTheWayToTheAnswer() {
    Ran ran = reason("What is 17 * 23?", "--samples", "3");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    assertThat(ran.out)
        .containsSubsequence(
            "plan\n  topics: sums\n  add them up\n",
            "candidates\n  0  5 tokens in ",
            "verdicts\n  0 or 1: 1, later is better\n  1 or 2: 2, later is better\n",
            "7 calls, 35 tokens, ",
            "answer\nIt is \\boxed{");
    assertThat(recipe.asked())
        .as("topics and plan first, the verdicts last")
        .containsExactly(
            "org/thinker",
            "org/thinker",
            "org/solver",
            "org/solver",
            "org/solver",
            "org/thinker",
            "org/thinker");
  }

  @Test
  void printsCompletionAndTraceAsOneJsonDocument() throws Exception {
    Ran ran = reason("What is 17 * 23?", "--samples", "2", "--json");

    assertThat(ran.exitCode).as(ran.err).isEqualTo(ExitCodes.OK);
    JsonNode document = new ObjectMapper().readTree(ran.out);
    JsonNode trace = document.path("trace");
    assertThat(trace.path("winner").asInt()).isEqualTo(1);
    assertThat(document.path("completion").path("answer").asText())
        .isEqualTo(trace.path("candidates").get(1).path("answer").asText())
        .isNotEqualTo(trace.path("candidates").get(0).path("answer").asText());
    assertThat(document.path("completion").path("provenance").path("model").asText())
        .isEqualTo("solver");
    assertThat(trace.path("calls").get(0).path("provenance").path("model").asText())
        .isEqualTo("thinker");
    assertThat(document.has("dead_letter")).isFalse();
  }

  @Test
  void saysWhyThereIsNoAnswer() {
    Ran ran = reason("refuse this");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.FAILURE);
    assertThat(ran.err)
        .startsWith("falaj: there is no answer: ")
        .contains("3 of 3 candidates failed, the first of them: ")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -D falaj.reasoning.judge.model=absent | falaj.reasoning.judge.model is 'absent' and the models are solver, thinker; name one of them, or configure falaj.models.absent.model
          -n 17                                 | falaj.reasoning.samples: samples is 17; it must be 1 to 16
          -m smollm2-135m-instruct              | falaj.model is smollm2-135m-instruct and falaj.models.* has the models solver, thinker; leave the first out, or make it one of them
          -D falaj.routes.default=solver:1      | falaj.routes.default: a reasoning job has no routes; leave it out, and name the models of the roles with falaj.reasoning.solver.model
          """)
  void refusesMistakesBeforeAnythingIsLoaded(String options, String message) {
    Ran ran = reason("Why?", options.split(" "));

    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err).isEqualTo("falaj: " + message + "\n");
    assertThat(recipe.asked()).isEmpty();
  }

  @Test
  void refusesAnEmptyQuestion() {
    Ran ran = reason(" ");

    assertThat(ran.exitCode).isEqualTo(ExitCodes.USAGE);
    assertThat(ran.err).isEqualTo("falaj: the question is empty; give it some text\n");
  }

  private record Ran(int exitCode, String out, String err) {}

  private Ran reason(String question, String... more) {
    List<String> args = new ArrayList<>(List.of("reason", question));
    recipe.models().forEach((key, value) -> args.addAll(List.of("-D", key + "=" + value)));
    args.addAll(List.of(more));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Falaj.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    return new Ran(exitCode, out.toString(), err.toString());
  }
}
