package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.SamplingParameters;
import java.util.Map;

/**
 * {@code logit_bias} and the penalties of one sequence. Touches only the tokens that they concern.
 * Confined to one thread.
 *
 * <p>The bias is added first. Then, with OpenAI's definition of presence and frequency (API
 * reference, "Frequency and presence penalties") and that of CTRL for repetition (Keskar et al.
 * 2019, arXiv 1909.05858, with the sign rule of Hugging Face's {@code
 * RepetitionPenaltyLogitsProcessor}), in vLLM's order ({@code apply_penalties}):
 *
 * <pre>
 * logit = logit &gt; 0 ? logit / repetition : logit * repetition   if prompt or completion hold the token
 * logit = logit - frequency * count - presence                     if the completion holds it count times
 * </pre>
 */
final class LogitAdjustments {

  private final int[] biasedTokens;
  private final float[] biases;
  private final float presence;
  private final float frequency;
  private final float repetition;
  private final boolean penalizes;
  private final TokenCounts counts = new TokenCounts();

  /**
   * @throws IllegalArgumentException if a token of {@code logit_bias} is outside the vocabulary
   */
  LogitAdjustments(SamplingParameters sampling, int[] promptTokens, int vocabularySize) {
    biasedTokens = new int[sampling.logitBias().size()];
    biases = new float[biasedTokens.length];
    int index = 0;
    for (Map.Entry<Integer, Double> entry : sampling.logitBias().entrySet()) {
      int token = entry.getKey();
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "logit_bias names token %d; the model's vocabulary has 0 to %d"
                .formatted(token, vocabularySize - 1));
      }
      biasedTokens[index] = token;
      biases[index++] = entry.getValue().floatValue();
    }
    presence = (float) sampling.presencePenalty();
    frequency = (float) sampling.frequencyPenalty();
    repetition = (float) sampling.repetitionPenalty();
    penalizes = presence != 0 || frequency != 0 || repetition != 1;
    if (repetition != 1) {
      for (int token : promptTokens) {
        counts.add(token, 0);
      }
    }
  }

  /** The completion goes on with this token. */
  void accept(int token) {
    if (penalizes) {
      counts.add(token, 1);
    }
  }

  /** Changes the row in place. */
  void apply(float[] logits) {
    for (int index = 0; index < biasedTokens.length; index++) {
      logits[biasedTokens[index]] += biases[index];
    }
    for (int index = 0; index < counts.size(); index++) {
      int token = counts.token(index);
      int count = counts.count(index);
      float logit = logits[token];
      if (repetition != 1) {
        logit = logit > 0 ? logit / repetition : logit * repetition;
      }
      if (count > 0) {
        logit -= frequency * count + presence;
      }
      logits[token] = logit;
    }
  }
}
