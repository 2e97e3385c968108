package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.grammar.OutputGrammar;
import ai.falaj.runtime.llamacpp.ffi.TestModels;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures what a grammar costs per token: asking about one token, and masking the vocabulary, at
 * three places of a JSON text. Takes a GGUF file with a vocabulary; docs/HACKING.md has the
 * command.
 */
final class MaskCost {

  private static final String SCHEMA =
      "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"count\":{\"type\":\"integer\"}},"
          + "\"required\":[\"name\",\"count\"]}";
  private static final int ROUNDS = 50;

  private MaskCost() {}

  public static void main(String[] arguments) throws Exception {
    Vocabulary vocabulary = TestModels.vocabulary(Path.of(arguments[0]));
    Map<String, String> places = new LinkedHashMap<>();
    places.put("between values", "{");
    places.put("in a free string", "{\"name\":\"Fal");
    places.put("in a number", "{\"name\":\"Falaj\",\"count\":4");
    try (GrammarConstraints constraints = new GrammarConstraints(vocabulary)) {
      for (Map.Entry<String, String> place : places.entrySet()) {
        measure(vocabulary, constraints, place.getKey(), place.getValue());
      }
    }
  }

  private static void measure(
      Vocabulary vocabulary, GrammarConstraints constraints, String place, String text)
      throws Exception {
    OutputFormat format = new OutputFormat.JsonSchema(SCHEMA);
    try (GrammarConstraint constraint =
        constraints.start(OutputGrammar.compile(format).orElseThrow())) {
      int last = 0;
      for (int token : vocabulary.tokenize(text, false, false)) {
        constraint.accept(token);
        last = token;
      }
      long maskNs = Long.MAX_VALUE;
      long askNs = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        float[] logits = new float[vocabulary.size()];
        long start = System.nanoTime();
        constraint.mask(logits);
        maskNs = Math.min(maskNs, System.nanoTime() - start);
        start = System.nanoTime();
        constraint.allows(last);
        askNs = Math.min(askNs, System.nanoTime() - start);
      }
      System.out.printf(
          "%d tokens, %s: mask %.2f ms, one token %.4f ms (best of %d)%n",
          vocabulary.size(), place, maskNs / 1e6, askNs / 1e6, ROUNDS);
    }
  }
}
