package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.ExtractedAnswer.Source;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the answer in a text, by the surest mark that there is, and of several equal marks the
 * last: a box, {@code ####}, a phrase such as "the answer is", and as a last resort the last number
 * or the last choice that was named. Pure.
 *
 * <p>A box that was not closed, because the text was cut, is no mark.
 */
final class AnswerExtractor {

  private static final Pattern HASHES = Pattern.compile("####[ \\t]*(\\S[^\\r\\n]*)");

  /** English and Arabic; what follows, up to the end of the sentence, is the answer. */
  private static final Pattern PHRASE =
      Pattern.compile(
          "(?:\\banswer(?:\\s+(?:is|equals|would be|will be|must be))?\\s*(?:\\*\\*)?\\s*[:=]"
              + "|\\banswer(?:\\s+\\S{1,12}){0,4}?\\s+(?:is|equals|would be|will be|must be)\\b\\s*:?"
              + "|(?:الجواب|الإجابة|الاجابة)(?:\\s+(?:النهائية?|الصحيحة?))?"
              + "\\s*(?:هو|هي)?\\s*:?)"
              + "\\s*(\\S[^\\r\\n]*)",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  /** A full stop that ends a sentence: what follows is white space or nothing. */
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?؟](?=\\s|$)");

  /** A number as people write it, with currency, separators, fraction, exponent, percent sign. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-−]?\\s?[$€£]?\\s?(?:\\p{Nd}+(?:[,٬]\\p{Nd}{3})*(?:[.٫]\\p{Nd}+)?|[.٫]\\p{Nd}+)"
              + "(?:[eE][-+]?\\p{Nd}+)?(?:\\s?/\\s?\\p{Nd}+)?\\s?[%٪]?");

  private final ChoiceExtractor choices = new ChoiceExtractor();

  /** The answer, or nothing where the text has none. */
  Optional<ExtractedAnswer> extract(AnswerKey key, String text) {
    Optional<ExtractedAnswer> marked = marked(text);
    if (key.kind() == AnswerKind.CHOICE) {
      return choices.extract(key, text, marked);
    }
    return marked.or(() -> lastNumber(text));
  }

  private static Optional<ExtractedAnswer> marked(String text) {
    return Boxes.last(text)
        .map(content -> new ExtractedAnswer(content, Source.BOX))
        .or(() -> last(HASHES, text, Source.HASHES))
        .or(() -> phrase(text));
  }

  private static Optional<ExtractedAnswer> phrase(String text) {
    return last(PHRASE, text, Source.PHRASE)
        .map(found -> new ExtractedAnswer(firstSentence(found.text()), Source.PHRASE))
        .filter(found -> !AnswerNormalizer.normalize(found.text()).isEmpty());
  }

  private static Optional<ExtractedAnswer> last(Pattern pattern, String text, Source source) {
    String found = null;
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found = matcher.group(1);
    }
    return Optional.ofNullable(found).map(String::strip).map(t -> new ExtractedAnswer(t, source));
  }

  private static String firstSentence(String text) {
    Matcher end = SENTENCE_END.matcher(text);
    return end.find() ? text.substring(0, end.start()) : text;
  }

  private static Optional<ExtractedAnswer> lastNumber(String text) {
    String found = null;
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      found = matcher.group();
    }
    return Optional.ofNullable(found)
        .map(number -> new ExtractedAnswer(number.strip(), Source.LAST_NUMBER));
  }
}
