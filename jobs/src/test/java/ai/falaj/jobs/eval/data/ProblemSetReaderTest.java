package ai.falaj.jobs.eval.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.AnswerKind;
import ai.falaj.jobs.eval.grading.Grader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemSetReaderTest {

  @TempDir Path directory;

  @Test
  void readsTheBundledProblems() throws IOException {
    ProblemSet set = new ProblemSetReader(Optional.empty()).read("gsm8k-100");

    assertThat(set.name()).isEqualTo("gsm8k-100");
    assertThat(set.problems()).hasSize(100);
    assertThat(set.problems())
        .allSatisfy(
            problem -> {
              assertThat(problem.key().kind()).isEqualTo(AnswerKind.NUMBER);
              assertThat(problem.key().expected()).matches("\\d+");
              assertThat(problem.question()).hasSizeGreaterThan(40);
            });
    assertThat(set.problems().get(0).id()).isEqualTo("gsm8k-test-0001");
    assertThat(set.problems().get(0).key().expected()).isEqualTo("18");
    assertThat(set.problems().get(99).key().expected()).isEqualTo("58");
  }

  @ParameterizedTest
  @ValueSource(strings = {"math.jsonl", "choice.jsonl"})
  void readsTheExamplesWhoseOwnAnswersAreRight(String file) throws IOException {
    Path path = Path.of(System.getProperty("falaj.home"), "examples", "eval", file);
    ProblemSet set = new ProblemSetReader(Optional.empty()).read(path.toString());

    assertThat(set.problems()).hasSizeGreaterThanOrEqualTo(20);
    Grader grader = new Grader();
    assertThat(set.problems())
        .allSatisfy(
            problem ->
                assertThat(
                        grader
                            .grade(problem.key(), "So \\boxed{" + problem.key().expected() + "}.")
                            .isCorrect())
                    .as(problem.id())
                    .isTrue());
  }

  @Test
  void readsTheFormatsOfThePublishedSets() throws IOException {
    ProblemSet set =
        read(
            """
            {"question": "GSM8K", "answer": "2 + 2 = <<2+2=4>>4\\n#### 4"}
            {"problem": "MATH", "solution": "Thus $\\\\boxed{\\\\frac{1}{2}}$.", "unique_id": "m/1"}
            {"problem": "MATH-500", "answer": "x+1", "solution": "..."}

            {"ID": "aime-1", "Problem": "AIME", "Answer": 204}
            {"question": "MMLU", "choices": ["one", "two"], "answer": 1}
            {"question": "ARC", "choices": {"text": ["one", "two"], "label": ["1", "2"]}, "answerKey": "2"}
            {"question": "letters", "options": {"A": "one", "B": "two"}, "answer": "B"}
            {"question": "by text", "choices": ["one", "two"], "answer": "two"}
            """);

    AnswerKey second = new AnswerKey(AnswerKind.CHOICE, "B", List.of("one", "two"));
    assertThat(set.problems())
        .extracting(Problem::key)
        .containsExactly(
            AnswerKey.of(AnswerKind.NUMBER, "4"),
            AnswerKey.of(AnswerKind.EXPRESSION, "\\frac{1}{2}"),
            AnswerKey.of(AnswerKind.EXPRESSION, "x+1"),
            AnswerKey.of(AnswerKind.EXPRESSION, "204"),
            second,
            second,
            second,
            second);
    assertThat(set.problems())
        .extracting(Problem::id)
        .startsWith("set-1", "m/1", "set-3", "aime-1", "set-6");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"question"                                        | no JSON
          [1]                                                | no JSON object; write one object per line
          {"answer": "#### 4"}                               | field question is missing; give it
          {"question": " ", "answer": "4"}                   | field question is empty; give it a text
          {"question": ["a"], "answer": "4"}                 | field question is no text; make it one
          {"question": "a"}                                  | fields answer and solution are missing; give one of them
          {"question": "a", "answer": "####"}                | field answer has no number after ####; end it with one, or say --kind expression
          {"question": "a", "solution": "it is 4"}           | field solution has no \\boxed{} answer; box it, or give the field answer
          {"question": "a", "choices": ["x"], "answer": "A"} | field choices or answer: there are 1 choices; there must be 2 to 26
          {"question": "a", "choices": ["x", ""], "answer": "A"} | field choices has an empty text; give each choice one
          {"question": "a", "choices": "x", "answer": "A"}   | field choices is a text; make it a list of texts
          {"question": "a", "choices": ["x", "y"]}           | field answer is missing; give it
          {"question": "a", "choices": ["x", "y"], "answer": "C"} | field answer is C, which is none of the 2 choices; name one by its letter
          {"id": "set-1", "question": "a", "answer": "1"}    | id set-1 is that of line 1; make it unique
          """)
  void namesLineAndFieldOfWhatIsWrong(String line, String message) {
    assertThatThrownBy(() -> read("{\"question\": \"a\", \"answer\": \"4\"}\n" + line + "\n"))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCodes.USAGE))
        .hasMessageStartingWith(directory.resolve("set.jsonl") + ", line 2: " + message);
  }

  @Test
  void refusesFilesThatAreNoDataSets() throws IOException {
    assertThatThrownBy(() -> read("\n"))
        .hasMessage(
            directory.resolve("set.jsonl") + " holds no problem; give it one JSON object per line");
    Path latin = Files.write(directory.resolve("latin.jsonl"), new byte[] {'{', (byte) 0xe9, '}'});
    assertThatThrownBy(() -> new ProblemSetReader(Optional.empty()).read(latin.toString()))
        .hasMessage(latin + " is not in UTF-8; convert it");
    assertThatThrownBy(() -> new ProblemSetReader(Optional.empty()).read("none.jsonl"))
        .hasMessage("none.jsonl cannot be read; name a file of JSON lines, or gsm8k-100");
  }

  @Test
  void drawsTheSameProblemsWithTheSameSeed() throws IOException {
    ProblemSet all = new ProblemSetReader(Optional.empty()).read("gsm8k-100");
    ProblemSet drawn = all.select(OptionalInt.of(10), OptionalLong.of(7));

    assertThat(drawn.problems()).hasSize(10).isSubsetOf(all.problems());
    assertThat(drawn.fingerprint())
        .isEqualTo(all.select(OptionalInt.of(10), OptionalLong.of(7)).fingerprint())
        .isNotEqualTo(all.select(OptionalInt.of(10), OptionalLong.of(8)).fingerprint());
    assertThat(all.select(OptionalInt.of(10), OptionalLong.empty()).problems())
        .isEqualTo(all.problems().subList(0, 10));
  }

  private ProblemSet read(String lines) throws IOException {
    Path file = Files.writeString(directory.resolve("set.jsonl"), lines);
    return new ProblemSetReader(Optional.empty()).read(file.toString());
  }
}
