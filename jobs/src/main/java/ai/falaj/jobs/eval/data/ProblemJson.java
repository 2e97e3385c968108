package ai.falaj.jobs.eval.data;

import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.AnswerKind;
import ai.falaj.jobs.eval.grading.Boxes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one line of a data set. Field names are those of the published sets, in any case:
 *
 * <ul>
 *   <li>{@code question} or {@code problem}
 *   <li>{@code answer}: with {@code ####} before the number (GSM8K), the bare answer (MATH-500,
 *       AIME, HMMT), the letter, number or text of a choice; or {@code answerKey} (ARC)
 *   <li>{@code solution}: where there is no answer, the last box in it (MATH)
 *   <li>{@code choices} or {@code options}: a list of texts, an object of texts by letter, or
 *       {@code {"text": [...], "label": [...]}} (ARC)
 *   <li>{@code id} or {@code unique_id}: where there is none, the line's number
 * </ul>
 */
final class ProblemJson {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String NUMBER_MARK = "####";

  private final JsonNode line;

  private ProblemJson(JsonNode line) {
    this.line = line;
  }

  static Problem parse(String text, String defaultId, Optional<AnswerKind> kind)
      throws ProblemFormatException {
    JsonNode line;
    try {
      line = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ProblemFormatException(
          "no JSON (" + e.getOriginalMessage() + "); write one object per line");
    }
    if (!line.isObject()) {
      throw new ProblemFormatException("no JSON object; write one object per line");
    }
    return new ProblemJson(line).problem(defaultId, kind);
  }

  private Problem problem(String defaultId, Optional<AnswerKind> wanted)
      throws ProblemFormatException {
    Optional<JsonNode> listed = field("choices").or(() -> field("options"));
    String question =
        text("question", "problem")
            .orElseThrow(() -> new ProblemFormatException("field question is missing; give it"));
    AnswerKind kind = wanted.orElseGet(() -> kind(listed.isPresent()));
    AnswerKey key =
        switch (kind) {
          case CHOICE -> choice(listed);
          case NUMBER -> number();
          case EXPRESSION -> expression();
        };
    return new Problem(text("id", "unique_id").orElse(defaultId), question, key);
  }

  private AnswerKind kind(boolean hasChoices) {
    if (hasChoices) {
      return AnswerKind.CHOICE;
    }
    return field("answer").filter(answer -> answer.asText().contains(NUMBER_MARK)).isPresent()
        ? AnswerKind.NUMBER
        : AnswerKind.EXPRESSION;
  }

  private AnswerKey number() throws ProblemFormatException {
    String answer = requireText("answer");
    String number = answer.substring(answer.lastIndexOf(NUMBER_MARK) + 1).replace("#", "").strip();
    if (!answer.contains(NUMBER_MARK) || number.isEmpty()) {
      throw new ProblemFormatException(
          "field answer has no number after "
              + NUMBER_MARK
              + "; end it with one, or say --kind expression");
    }
    return AnswerKey.of(AnswerKind.NUMBER, number);
  }

  private AnswerKey expression() throws ProblemFormatException {
    Optional<String> answer = text("answer");
    if (answer.isPresent()) {
      String bare = Boxes.last(answer.get()).orElse(answer.get());
      return AnswerKey.of(AnswerKind.EXPRESSION, bare.strip());
    }
    String solution =
        text("solution")
            .orElseThrow(
                () ->
                    new ProblemFormatException(
                        "fields answer and solution are missing; give one of them"));
    return Boxes.last(solution)
        .map(box -> AnswerKey.of(AnswerKind.EXPRESSION, box))
        .orElseThrow(
            () ->
                new ProblemFormatException(
                    "field solution has no \\boxed{} answer; box it, or give the field answer"));
  }

  private AnswerKey choice(Optional<JsonNode> listed) throws ProblemFormatException {
    if (listed.isEmpty()) {
      throw new ProblemFormatException("field choices is missing; list the texts to choose from");
    }
    List<String> labels = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    readChoices(listed.get(), labels, texts);
    JsonNode answer =
        field("answer")
            .or(() -> field("answerKey"))
            .or(() -> field("answer_key"))
            .orElseThrow(() -> new ProblemFormatException("field answer is missing; give it"));
    try {
      return new AnswerKey(AnswerKind.CHOICE, letter(answer, labels, texts), texts);
    } catch (IllegalArgumentException e) {
      throw new ProblemFormatException("field choices or answer: " + e.getMessage());
    }
  }

  private static void readChoices(JsonNode listed, List<String> labels, List<String> texts)
      throws ProblemFormatException {
    if (listed.isArray()) {
      listed.forEach(choice -> texts.add(choice.asText()));
    } else if (listed.path("text").isArray()) {
      listed.path("text").forEach(choice -> texts.add(choice.asText()));
      listed.path("label").forEach(label -> labels.add(label.asText()));
    } else if (listed.isObject()) {
      for (Map.Entry<String, JsonNode> choice : listed.properties()) {
        labels.add(choice.getKey());
        texts.add(choice.getValue().asText());
      }
    } else {
      throw new ProblemFormatException("field choices is a text; make it a list of texts");
    }
    if (texts.stream().anyMatch(String::isBlank)) {
      throw new ProblemFormatException("field choices has an empty text; give each choice one");
    }
  }

  /** The answer may be a label, the index from 0, or the text of the choice. */
  private static String letter(JsonNode answer, List<String> labels, List<String> texts)
      throws ProblemFormatException {
    String written = answer.asText().strip();
    int index = labels.indexOf(written);
    if (index < 0 && answer.isInt()) {
      index = answer.asInt();
    }
    if (index < 0) {
      index = texts.indexOf(written);
    }
    if (index < 0 && written.matches("[A-Za-z]")) {
      index = Character.toUpperCase(written.charAt(0)) - 'A';
    }
    if (index < 0 || index >= texts.size()) {
      throw new ProblemFormatException(
          "field answer is "
              + written
              + ", which is none of the "
              + texts.size()
              + " choices; name one by its letter");
    }
    return AnswerKey.letter(index);
  }

  private String requireText(String name) throws ProblemFormatException {
    return text(name)
        .orElseThrow(() -> new ProblemFormatException("field " + name + " is missing; give it"));
  }

  private Optional<String> text(String... names) throws ProblemFormatException {
    for (String name : names) {
      Optional<JsonNode> value = field(name);
      if (value.isPresent()) {
        if (!value.get().isTextual() && !value.get().isNumber()) {
          throw new ProblemFormatException("field " + name + " is no text; make it one");
        }
        if (value.get().asText().isBlank()) {
          throw new ProblemFormatException("field " + name + " is empty; give it a text");
        }
        return Optional.of(value.get().asText());
      }
    }
    return Optional.empty();
  }

  private Optional<JsonNode> field(String name) {
    return line.properties().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(name) && !entry.getValue().isNull())
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
