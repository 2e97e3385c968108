package ai.falaj.jobs.eval.grading;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The grader against labels that were set by hand, each with its reason. */
class TrickyAnswersTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** One labelled text. */
  record Labelled(AnswerKey key, String text, boolean correct, String reason) {
    @Override
    public String toString() {
      return key.expected() + (correct ? " is " : " is not ") + text + ": " + reason;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("labels")
  void agreesWithTheLabel(Labelled labelled) {
    Grade grade = new Grader().grade(labelled.key(), labelled.text());

    assertThat(grade.isCorrect())
        .as("%s; extracted %s", labelled, grade.answer())
        .isEqualTo(labelled.correct());
  }

  @Test
  void holdsEnoughLabelsOfBothSorts() throws IOException {
    List<Labelled> labels = labels().toList();

    assertThat(labels).hasSizeGreaterThanOrEqualTo(100);
    assertThat(labels.stream().filter(label -> !label.correct()).count()).isGreaterThan(30);
  }

  static Stream<Labelled> labels() throws IOException {
    List<Labelled> labels = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    TrickyAnswersTest.class.getResourceAsStream("tricky-answers.jsonl")),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        labels.add(label(MAPPER.readTree(line)));
      }
    }
    return labels.stream();
  }

  private static Labelled label(JsonNode line) {
    List<String> choices = new ArrayList<>();
    line.path("choices").forEach(choice -> choices.add(choice.asText()));
    return new Labelled(
        new AnswerKey(
            AnswerKind.valueOf(line.path("kind").asText()),
            line.path("expected").asText(),
            choices),
        line.path("text").asText(),
        line.path("correct").asBoolean(),
        line.path("reason").asText());
  }
}
