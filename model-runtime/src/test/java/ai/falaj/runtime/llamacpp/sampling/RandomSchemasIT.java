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
  private static final int DEFAULT_COUNT = 10_000;

  @Test
  void everyTextParsesAndValidates(@TempDir Path directory) throws Exception {
    long firstSeed = Long.getLong(SEED, 0);
    long count = Long.getLong(COUNT, System.getProperty(SEED) == null ? DEFAULT_COUNT : 1);
    long written = 0;
    long refused = 0;
    try (LlamaModel model = TestModels.tiny(directory)) {
      for (long seed = firstSeed; written < count; seed++) {
        String schema = new RandomSchemas(seed).next();
        try {
          Grammar grammar =
              OutputGrammar.compile(new OutputFormat.JsonSchema(schema)).orElseThrow();
          writeAndValidate(model, schema, grammar, seed);
          written++;
        } catch (UnsupportedFormatException refusal) {
          refused++;
          assertThat(count).as("%s: %s", schema, refusal.getMessage()).isGreaterThan(1);
        } catch (AssertionError | Exception failure) {
          throw new AssertionError(
              "failed; run it again with -D%s=%d: %s: %s"
                  .formatted(SEED, seed, schema, failure.getMessage()),
              failure);
        }
      }
    }
    assertThat(refused)
        .as("schemas that nothing satisfies or that are beyond a bound")
        .isLessThan(count / 5 + 1);
  }

  private static void writeAndValidate(LlamaModel model, String schema, Grammar grammar, long seed)
      throws Exception {
    try (RandomWriter writer = new RandomWriter(model.vocabulary(), seed)) {
      SchemaValidity.requireValid(schema, writer.write(grammar));
    }
  }
}
