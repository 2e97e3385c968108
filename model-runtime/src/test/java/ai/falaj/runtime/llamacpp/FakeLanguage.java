package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.llamacpp.sampling.FakeTokens;
import ai.falaj.runtime.llamacpp.sampling.ReasoningMode;
import ai.falaj.runtime.llamacpp.sampling.ReasoningPolicy;
import ai.falaj.runtime.llamacpp.sampling.ReasoningTags;
import ai.falaj.runtime.llamacpp.sampling.SamplingScratch;
import ai.falaj.runtime.llamacpp.sampling.SequenceSampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a model would say, without one: logits that follow from all tokens so far and the adapter,
 * mostly from the last token, so that texts repeat themselves and still show any wrong token.
 */
final class FakeLanguage {

  private static final int WORDS = 24;
  private static final double END_PROBABILITY = 0.02;

  private final FakeTokens tokens =
      new FakeTokens(IntStream.range(0, WORDS).mapToObj(i -> " w" + i).toArray(String[]::new));

  FakeTokens tokens() {
    return tokens;
  }

  /** The logits after these tokens. */
  float[] logits(List<Integer> text, int adapter) {
    long all = mix(adapter);
    for (int token : text) {
      all = mix(all ^ token);
    }
    long last = mix(31L * adapter + text.get(text.size() - 1));
    float[] row = new float[tokens.size()];
    for (int token = 0; token < row.length; token++) {
      row[token] =
          token < WORDS ? (float) (6 * uniform(last, token) + 1.5 * uniform(all, token)) : -40;
    }
    row[tokens.endOfTurn()] = uniform(all, tokens.endOfTurn()) < END_PROBABILITY ? 20 : -40;
    return row;
  }

  /** What a request's sample must get, computed alone, from the first token to the last. */
  List<Integer> completion(GenerationRequest request, int sample, int adapter) {
    List<Integer> text = new ArrayList<>(((Prompt.Tokens) request.prompt()).ids());
    int promptTokens = text.size();
    ReasoningTags tags = new ReasoningTags(tokens);
    try (SequenceSampler sampler =
        new SequenceSampler(
            request.sampling(),
            request.sampling().seed().orElse(0) + sample,
            text.stream().mapToInt(Integer::intValue).toArray(),
            new ReasoningPolicy(
                tags, ReasoningMode.of(false, false), request.reasoningBudgetTokens()),
            Optional.empty(),
            new SamplingScratch(tokens.size()))) {
      int last = -1;
      while (text.size() < promptTokens + request.sampling().maxTokens().getAsInt()
          && (last != tokens.endOfTurn() || request.ignoreEndOfSequence())) {
        last = sampler.choose(logits(text, adapter)).token();
        text.add(last);
      }
    }
    return text.subList(promptTokens, text.size());
  }

  private static double uniform(long seed, int token) {
    return (mix(seed + 0x1234567L * (token + 1)) >>> 11) * 0x1p-53;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long value) {
    long mixed = value + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
