package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.grammar.OutputGrammar;
import ai.falaj.runtime.grammar.RandomSchemas;
import ai.falaj.runtime.grammar.SchemaValidity;
import ai.falaj.runtime.grammar.UnsupportedFormatException;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TestModels;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random schemas, random tokens, llama.cpp's grammar between them: every text parses and validates.
 * {@code -Dfalaj.schemas.seed=N} runs one schema, {@code -Dfalaj.schemas.count=N} as many from
 * there, or from 0.
 */
class RandomSchemasIT {

  private static final String SEED = "falaj.schemas.seed";
  private static final String COUNT = "falaj.schemas.count";
  private static final int DEFAULT_COUNT = 12_000;

  private enum Outcome {
    VALID,
    /** Nothing satisfies it, or it is beyond a bound. */
    REFUSED,
    /** Chance did not find an end, as in schemas that refer to themselves twice. */
    ENDLESS
  }

  @TempDir static Path directory;
  private static LlamaModel model;

  @BeforeAll
  static void loadModel() throws Exception {
    model = TestModels.tiny(directory);
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @Test
  void everyTextParsesAndValidates() {
    long firstSeed = Long.getLong(SEED, 0);
    long count = Long.getLong(COUNT, System.getProperty(SEED) == null ? DEFAULT_COUNT : 1);
    Map<Outcome, Long> outcomes =
        LongStream.range(firstSeed, firstSeed + count)
            .parallel()
            .mapToObj(RandomSchemasIT::outcome)
            .collect(Collectors.groupingBy(o -> o, Collectors.counting()));
    System.out.printf("%d random schemas: %s%n", count, outcomes);
    if (count >= DEFAULT_COUNT) {
      assertThat(outcomes.get(Outcome.VALID)).as("%s", outcomes).isGreaterThan(count * 9 / 10);
    }
  }

  private static Outcome outcome(long seed) {
    String schema = new RandomSchemas(seed).next();
    try {
      Grammar grammar = OutputGrammar.compile(new OutputFormat.JsonSchema(schema)).orElseThrow();
      try (RandomWriter writer = new RandomWriter(model.vocabulary(), seed)) {
        Optional<String> text = writer.write(grammar);
        if (text.isEmpty()) {
          return Outcome.ENDLESS;
        }
        SchemaValidity.requireValid(schema, text.get());
        return Outcome.VALID;
      }
    } catch (UnsupportedFormatException refusal) {
      return Outcome.REFUSED;
    } catch (AssertionError | Exception failure) {
      throw new AssertionError(
          "failed; run it again with -D%s=%d: %s: %s"
              .formatted(SEED, seed, schema, failure.getMessage()),
          failure);
    }
  }
}
