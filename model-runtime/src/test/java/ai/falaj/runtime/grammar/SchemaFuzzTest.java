package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.OutputFormat;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * Whatever is given as a schema or a pattern, the answer is a grammar or an {@link
 * UnsupportedFormatException}, and soon. The seed is in the message of a failure.
 */
class SchemaFuzzTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private static final List<String> FRAGMENTS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "\"type\"",
          "\"object\"",
          "\"properties\"",
          "\"$ref\"",
          "\"#\"",
          "\"#/$defs/a\"",
          "\"$defs\"",
          "\"a\"",
          "\"anyOf\"",
          "\"oneOf\"",
          "\"allOf\"",
          "\"items\"",
          "\"enum\"",
          "\"const\"",
          "\"pattern\"",
          "\"(a|b)*\"",
          "\"minimum\"",
          "1",
          "-1",
          "1e99999",
          "0.5",
          "true",
          "false",
          "null",
          "\"required\"",
          "\"minLength\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"not\"",
          "99999999999999999999",
          "\"prefixItems\"");

  private static final String PATTERN_CHARACTERS = "ab01()[]{},|*+?^$.\\-dwsu:=!<😀\u0000\ud800";

  @Test
  void brokenSchemasAreRefusedOrCompiled() {
    for (long seed = 0; seed < 6_000; seed++) {
      Random random = new Random(seed);
      compile(seed, new OutputFormat.JsonSchema(mutated(new RandomSchemas(seed).next(), random)));
    }
  }

  @Test
  void randomJsonIsRefusedOrCompiled() {
    for (long seed = 0; seed < 6_000; seed++) {
      Random random = new Random(seed);
      compile(seed, new OutputFormat.JsonSchema(randomJson(random, 4)));
    }
  }

  @Test
  void randomPatternsAreRefusedOrCompiled() {
    int[] characters = PATTERN_CHARACTERS.codePoints().toArray();
    for (long seed = 0; seed < 6_000; seed++) {
      Random random = new Random(seed);
      StringBuilder pattern = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        pattern.appendCodePoint(characters[random.nextInt(characters.length)]);
      }
      compile(seed, new OutputFormat.Regex(pattern.toString()));
    }
  }

  private static void compile(long seed, OutputFormat format) {
    Assertions.assertTimeout(
        SOON,
        () -> {
          try {
            assertThat(OutputGrammar.compile(format)).isPresent();
          } catch (UnsupportedFormatException refusal) {
            assertThat(refusal.getMessage()).isNotBlank();
            assertThat(refusal.path()).isNotNull();
          } catch (RuntimeException | StackOverflowError failure) {
            throw new AssertionError("seed %d: %s".formatted(seed, format), failure);
          }
        },
        () -> "seed %d: %s".formatted(seed, format));
  }

  private static String mutated(String schema, Random random) {
    StringBuilder text = new StringBuilder(schema);
    for (int i = random.nextInt(4); i >= 0 && !text.isEmpty(); i--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(4)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
        case 2 -> text.setCharAt(at, (char) random.nextInt(128));
        default -> replaceWord(text, at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
      }
    }
    return text.toString();
  }

  /** Keeps the text JSON more often than other changes do. */
  private static void replaceWord(StringBuilder text, int at, String fragment) {
    int start = text.lastIndexOf(":", at) + 1;
    int end = text.indexOf(",", at);
    text.replace(start, end < start ? text.length() : end, fragment);
  }

  private static String randomJson(Random random, int depth) {
    switch (random.nextInt(depth == 0 ? 1 : 3)) {
      case 0:
        String scalar;
        do {
          scalar = FRAGMENTS.get(random.nextInt(FRAGMENTS.size()));
        } while ("{}[]:,".contains(scalar));
        return scalar;
      case 1:
        StringBuilder array = new StringBuilder("[");
        for (int i = random.nextInt(3); i >= 0; i--) {
          array.append(randomJson(random, depth - 1)).append(i > 0 ? "," : "]");
        }
        return array.toString();
      default:
        StringBuilder object = new StringBuilder("{");
        for (int i = random.nextInt(4); i >= 0; i--) {
          String key;
          do {
            key = FRAGMENTS.get(random.nextInt(FRAGMENTS.size()));
          } while (!key.startsWith("\""));
          object.append(key).append(':').append(randomJson(random, depth - 1));
          object.append(i > 0 ? "," : "}");
        }
        return object.toString();
    }
  }
}
