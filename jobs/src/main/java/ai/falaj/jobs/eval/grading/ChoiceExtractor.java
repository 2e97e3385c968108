package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.ExtractedAnswer.Source;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds which choice a text names: by its letter, Latin or Arabic, or by its whole text. Pure. The
 * extracted text is always the letter.
 */
final class ChoiceExtractor {

  /** The letters of Arabic lists, in the order of the abjad as exams use it. */
  private static final Map<String, String> ARABIC =
      Map.of("أ", "A", "ا", "A", "ب", "B", "ج", "C", "د", "D", "هـ", "E", "ه", "E", "و", "F");

  private static final String LETTER = "([A-Z]|[أابجدهو]ـ?)";

  /** {@code (B)}, {@code B}, {@code B.}, {@code B) 24}, {@code \text{(B) } 24}, {@code **B**}. */
  private static final Pattern AT_START =
      Pattern.compile(
          "^(?:\\\\(?:text|textbf|mathrm|mathbf|bf)\\s*\\{)?[\\s*$({\\[]*"
              + "(?:(?i:option|choice)|الخيار)?\\s*[({]?"
              + LETTER
              + "(?:[)}\\].:,*$ ]|\\s|$)");

  /** A small letter counts where it stands alone: "a" is an article elsewhere. */
  private static final Pattern SMALL_LETTER =
      Pattern.compile("^[\\s*$({\\[]*([a-z])[)}\\].:*$\\s]*$");

  /** A letter in parentheses or before one, so that the article "A" is none. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?:^|[\\s*])(?:\\(" + LETTER + "\\)|" + LETTER + "\\)|\\*\\*" + LETTER + "\\*\\*)");

  /** The choice that the text names, where it is one of the key's. */
  Optional<ExtractedAnswer> extract(AnswerKey key, String text, Optional<ExtractedAnswer> marked) {
    if (marked.isPresent()) {
      Optional<String> letter =
          leadingLetter(key, marked.get().text()).or(() -> byText(key, marked.get().text()));
      if (letter.isPresent()) {
        return letter.map(found -> new ExtractedAnswer(found, marked.get().source()));
      }
    }
    String whole = text.strip();
    Optional<String> alone =
        (whole.length() <= 3 ? leadingLetter(key, whole) : Optional.<String>empty())
            .or(() -> byText(key, whole))
            .or(() -> labelled(key, whole));
    return alone
        .map(letter -> new ExtractedAnswer(letter, Source.WHOLE_TEXT))
        .or(() -> lastNamed(key, text));
  }

  /** {@code B) 24} or {@code B. 24}, where the text is that choice and nothing else. */
  private static Optional<String> labelled(AnswerKey key, String text) {
    return leadingLetter(key, text)
        .filter(
            letter ->
                isSameText(
                    key.choices().get(letter.charAt(0) - 'A'),
                    text.replaceFirst("^[\\s(*]*\\S{1,2}[).:*\\s]+", "")));
  }

  private static Optional<String> leadingLetter(AnswerKey key, String text) {
    for (Pattern pattern : List.of(AT_START, SMALL_LETTER)) {
      Matcher matcher = pattern.matcher(text.strip());
      if (matcher.find()) {
        return letter(key, matcher.group(1));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> byText(AnswerKey key, String text) {
    Optional<String> found = Optional.empty();
    for (int i = 0; i < key.choices().size(); i++) {
      if (isSameText(key.choices().get(i), text)) {
        if (found.isPresent()) {
          return Optional.empty();
        }
        found = Optional.of(AnswerKey.letter(i));
      }
    }
    return found;
  }

  private static boolean isSameText(String choice, String text) {
    String normalized = AnswerNormalizer.normalize(choice);
    return !normalized.isEmpty() && normalized.equalsIgnoreCase(AnswerNormalizer.normalize(text));
  }

  private static Optional<ExtractedAnswer> lastNamed(AnswerKey key, String text) {
    Optional<String> found = Optional.empty();
    Matcher matcher = NAMED.matcher(text);
    while (matcher.find()) {
      for (int group = 1; group <= matcher.groupCount(); group++) {
        if (matcher.group(group) != null) {
          Optional<String> letter = letter(key, matcher.group(group));
          found = letter.isPresent() ? letter : found;
        }
      }
    }
    return found.map(letter -> new ExtractedAnswer(letter, Source.LAST_CHOICE));
  }

  private static Optional<String> letter(AnswerKey key, String written) {
    String latin = ARABIC.getOrDefault(written, written.toUpperCase(Locale.ROOT));
    int index = latin.charAt(0) - 'A';
    return latin.length() == 1 && index >= 0 && index < key.choices().size()
        ? Optional.of(latin)
        : Optional.empty();
  }
}
