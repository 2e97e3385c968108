package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.OutputFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns mean what they mean elsewhere: Java's own matcher is the judge. */
class RegexGrammarTest {

  private static final String ALPHABET = "aabbc01_ -\n\"\\é😀";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a*",
        "(a|b)+c?",
        "[ab]{2,3}",
        "[^ab]",
        ".",
        "a|",
        "(a*)*",
        "(a?b?){0,3}",
        "\\d+|\\w{2}",
        "^a$",
        "^(?:a|^b)c?$",
        "a+?b*?",
        "[\\w-]+",
        "\\u0061\\x62",
        "(|a)b",
        "[\\]\\\\\"]+",
        "(?:(?:a|b)(?:c|0))*",
        "[\\s]a",
        "\\Db\\W",
        "😀+|é",
        "((a|b)*c)*",
        "a{0}b",
        "[a-c0-1]{3}"
      })
  void matchesWhatJavaMatches(String pattern) throws Exception {
    GbnfMatcher matcher = matcher(new OutputFormat.Regex(pattern));
    Pattern java = Pattern.compile(pattern);
    int[] alphabet = ALPHABET.codePoints().toArray();
    Random random = new Random(pattern.hashCode());
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(6); length > 0; length--) {
        text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
      }
      assertThat(matcher.matches(text.toString()))
          .as("%s matches %s", pattern, text)
          .isEqualTo(java.matcher(text).matches());
    }
  }

  @Test
  void followsEcmaScriptWhereJavaDiffers() throws Exception {
    assertThat(matcher(new OutputFormat.Regex("\\s")).matches("\u00a0")).isTrue();
    assertThat(matcher(new OutputFormat.Regex("\\u{1F600}")).matches("😀")).isTrue();
    assertThat(matcher(new OutputFormat.Regex("\\ud83d\\ude00")).matches("😀")).isTrue();
    assertThat(matcher(new OutputFormat.Regex("[^]")).matches("\n")).isTrue();
  }

  @Test
  void choicesAreTakenLiterally() throws Exception {
    GbnfMatcher matcher =
        matcher(new OutputFormat.Choice(List.of("yes", "no", "yes.", "\"\\", "نعم")));
    for (String choice : List.of("yes", "no", "yes.", "\"\\", "نعم")) {
      assertThat(matcher.matches(choice)).isTrue();
    }
    for (String other : List.of("", "ye", "yesx", "yes no", "n")) {
      assertThat(matcher.matches(other)).isFalse();
    }
  }

  private static GbnfMatcher matcher(OutputFormat format) throws UnsupportedFormatException {
    return new GbnfMatcher(OutputGrammar.compile(format).orElseThrow().gbnf());
  }
}
