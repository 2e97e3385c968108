package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LogitAdjustmentsTest {

  private static final int[] NO_PROMPT = {};

  @Test
  void biasIsAdded() {
    assertThat(adjusted(sampling().logitBias(Map.of(1, 5.5, 2, -100.0)), NO_PROMPT))
        .containsExactly(4, 3.5f, -98, 0);
  }

  @Test
  void presenceIsSubtractedOnceFromTokensOfTheCompletionOnly() {
    assertThat(adjusted(sampling().presencePenalty(1.5), new int[] {0}, 1, 1, 1))
        .containsExactly(4, -3.5f, 2, 0);
  }

  @Test
  void frequencyIsSubtractedPerOccurrenceInTheCompletionOnly() {
    assertThat(adjusted(sampling().frequencyPenalty(0.5), new int[] {0, 0}, 1, 1, 1, 2))
        .containsExactly(4, -3.5f, 1.5f, 0);
  }

  @Test
  void negativePenaltiesMakeRepetitionLikelier() {
    assertThat(adjusted(sampling().frequencyPenalty(-0.5).presencePenalty(-1), NO_PROMPT, 3, 3))
        .containsExactly(4, -2, 2, 2);
  }

  @Test
  void repetitionDividesWhatIsPositiveAndMultipliesTheRestForPromptAndCompletion() {
    assertThat(adjusted(sampling().repetitionPenalty(2), new int[] {0, 0, 0}, 1))
        .containsExactly(2, -4, 2, 0);
  }

  @Test
  void biasComesBeforeRepetitionAndRepetitionBeforeTheOthers() {
    SamplingParameters.Builder sampling =
        sampling()
            .logitBias(Map.of(1, 8.0))
            .repetitionPenalty(2)
            .frequencyPenalty(1)
            .presencePenalty(0.5);
    assertThat(adjusted(sampling, NO_PROMPT, 1, 1)).containsExactly(4, 6f / 2 - 2 - 0.5f, 2, 0);
  }

  @Test
  void impossibleTokensStayImpossible() {
    SamplingParameters sampling =
        sampling().logitBias(Map.of(0, 100.0)).repetitionPenalty(1.3).presencePenalty(-2).build();
    LogitAdjustments adjustments = new LogitAdjustments(sampling, NO_PROMPT, 2);
    adjustments.accept(0);
    float[] logits = {Float.NEGATIVE_INFINITY, 1};
    adjustments.apply(logits);
    assertThat(logits).containsExactly(Float.NEGATIVE_INFINITY, 1);
  }

  @Test
  void namesATokenOfTheBiasThatIsOutsideTheVocabulary() {
    for (int token : new int[] {-1, 4, Integer.MAX_VALUE}) {
      SamplingParameters sampling = sampling().logitBias(Map.of(token, 1.0)).build();
      assertThatThrownBy(() -> new LogitAdjustments(sampling, NO_PROMPT, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token " + token)
          .hasMessageContaining("0 to 3");
    }
  }

  @Property
  void adjustsWhatTheReferenceAdjusts(@ForAll long seed) {
    Random random = new Random(seed);
    int size = 1 + random.nextInt(300);
    SamplingParameters sampling = randomSampling(random, size);
    List<Integer> prompt = randomTokens(random, size);
    List<Integer> completion = randomTokens(random, size);
    float[] logits = TokenDrawTest.randomLogits(random, size);
    float[] expected = ReferenceDistribution.adjust(logits, sampling, prompt, completion);

    LogitAdjustments adjustments =
        new LogitAdjustments(sampling, prompt.stream().mapToInt(Integer::intValue).toArray(), size);
    completion.forEach(adjustments::accept);
    adjustments.apply(logits);

    assertThat(logits).containsExactly(expected);
  }

  private static SamplingParameters randomSampling(Random random, int size) {
    Map<Integer, Double> biases = new HashMap<>();
    for (int count = random.nextInt(10); count > 0; count--) {
      biases.put(random.nextInt(size), -100 + 200 * random.nextDouble());
    }
    SamplingParameters.Builder sampling = sampling().logitBias(biases);
    if (random.nextBoolean()) {
      sampling.repetitionPenalty(0.5 + 1.5 * random.nextDouble());
    }
    if (random.nextBoolean()) {
      sampling.presencePenalty(-2 + 4 * random.nextDouble());
    }
    if (random.nextBoolean()) {
      sampling.frequencyPenalty(-2 + 4 * random.nextDouble());
    }
    return sampling.build();
  }

  private static List<Integer> randomTokens(Random random, int size) {
    List<Integer> tokens = new ArrayList<>();
    for (int count = random.nextInt(400); count > 0; count--) {
      tokens.add(random.nextInt(size));
    }
    return tokens;
  }

  /** Of the logits 4, -2, 2, 0. */
  private static float[] adjusted(
      SamplingParameters.Builder sampling, int[] prompt, int... completion) {
    float[] logits = {4, -2, 2, 0};
    LogitAdjustments adjustments = new LogitAdjustments(sampling.build(), prompt, logits.length);
    for (int token : completion) {
      adjustments.accept(token);
    }
    adjustments.apply(logits);
    return logits;
  }

  private static SamplingParameters.Builder sampling() {
    return SamplingParameters.builder();
  }
}
