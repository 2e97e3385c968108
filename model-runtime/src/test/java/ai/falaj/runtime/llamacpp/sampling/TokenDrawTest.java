package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.SamplingParameters;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TokenDrawTest {

  /** Probabilities 0.5, 0.05, 0.25, 0.2 at temperature 1. */
  private static final float[] FOUR = logarithms(0.5, 0.05, 0.25, 0.2);

  private static final float[] EQUALS = {0, 1, 1, 1};

  @Test
  void greedyTakesTheMostLikelyWhateverElseIsAsked() {
    assertThat(drawn(FOUR, sampling().temperature(0).topP(0.1).topK(2).minP(1))).containsOnly(0);
  }

  @Test
  void topKKeepsThatMany() {
    assertThat(drawn(FOUR, sampling().topK(1))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().topK(3))).containsOnly(0, 2, 3);
    assertThat(drawn(FOUR, sampling().topK(4))).containsOnly(0, 1, 2, 3);
    assertThat(drawn(FOUR, sampling().topK(1_000))).containsOnly(0, 1, 2, 3);
  }

  @Test
  void topKOfEqualsKeepsTheFirst() {
    assertThat(drawn(EQUALS, sampling().topK(2))).containsOnly(1, 2);
  }

  @Test
  void topPKeepsTheTokenThatReachesIt() {
    assertThat(drawn(FOUR, sampling().topP(0.49))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().topP(0.51))).containsOnly(0, 2);
    assertThat(drawn(FOUR, sampling().topP(0.76))).containsOnly(0, 2, 3);
    assertThat(drawn(FOUR, sampling().topP(0.96))).containsOnly(0, 1, 2, 3);
    assertThat(drawn(FOUR, sampling().topP(Math.nextUp(0.0)))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().topP(Math.nextDown(1.0)))).containsOnly(0, 1, 2, 3);
  }

  @Test
  void topPIsAShareOfWhatTopKLeft() {
    // Of 0.5, 0.25 and 0.2, which make 0.95, the first two are 0.789.
    assertThat(drawn(FOUR, sampling().topK(3).topP(0.78))).containsOnly(0, 2);
    assertThat(drawn(FOUR, sampling().topK(3).topP(0.80))).containsOnly(0, 2, 3);
  }

  @Test
  void minPIsRelativeToTheMostLikely() {
    assertThat(drawn(FOUR, sampling().minP(0.51))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().minP(0.49))).containsOnly(0, 2);
    assertThat(drawn(FOUR, sampling().minP(0.11))).containsOnly(0, 2, 3);
    assertThat(drawn(EQUALS, sampling().minP(1))).containsOnly(1, 2, 3);
  }

  @Test
  void temperatureComesBeforeTopPAndMinP() {
    // At 0.5 the probabilities are squared: 0.71, 0.007, 0.18, 0.11.
    assertThat(drawn(FOUR, sampling().temperature(0.5).topP(0.7))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().temperature(0.5).minP(0.26))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().temperature(0.5).minP(0.24))).containsOnly(0, 2);
  }

  @Test
  void aTemperatureNextToZeroIsGreedy() {
    assertThat(drawn(FOUR, sampling().temperature(Double.MIN_VALUE))).containsOnly(0);
    assertThat(drawn(FOUR, sampling().temperature(1e-6).topP(0.9))).containsOnly(0);
  }

  @Test
  void anImpossibleTokenIsNeverDrawn() {
    float[] logits = {Float.NEGATIVE_INFINITY, 2, Float.NEGATIVE_INFINITY, 1};
    assertThat(drawn(logits, sampling())).containsOnly(1, 3);
    assertThat(drawn(logits, sampling().topK(3))).containsOnly(1, 3);
    assertThat(drawn(logits, sampling().topP(0.999999))).containsOnly(1, 3);
    assertThat(drawn(logits, sampling().minP(1e-30))).containsOnly(1, 3);
  }

  @Property(tries = 3_000)
  void drawsWhatTheReferenceDraws(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3_000) int size) {
    Random random = new Random(seed);
    float[] logits = randomLogits(random, size);
    SamplingParameters sampling = randomSampling(random, size);
    double uniform = random.nextDouble();
    double[] probabilities = ReferenceDistribution.probabilities(logits, sampling);

    int drawn = draw(logits, sampling, uniform, new SamplingScratch(size));

    assertThat(drawn)
        .as("%s of %d logits", sampling, size)
        .isEqualTo(ReferenceDistribution.at(probabilities, uniform));
  }

  @Property(tries = 20)
  void drawsWhatTheReferenceDrawsFromALargeVocabulary(@ForAll long seed) {
    drawsWhatTheReferenceDraws(seed, 152_064);
  }

  @Property(tries = 500)
  void whatWasDrawnBeforeLeavesNoTraceInTheScratch(@ForAll long seed) {
    Random random = new Random(seed);
    int size = 1 + random.nextInt(3_000);
    SamplingScratch used = new SamplingScratch(size);
    for (int earlier = 0; earlier < 3; earlier++) {
      draw(randomLogits(random, size), randomSampling(random, size), random.nextDouble(), used);
    }
    float[] logits = randomLogits(random, size);
    SamplingParameters sampling = randomSampling(random, size);
    double uniform = random.nextDouble();

    assertThat(draw(logits, sampling, uniform, used))
        .isEqualTo(draw(logits, sampling, uniform, new SamplingScratch(size)));
  }

  @Test
  void drawnTokensAreDistributedAsTheReferenceSays() {
    Random random = new Random(99);
    for (int round = 0; round < 24; round++) {
      int size = 20 + random.nextInt(2_500);
      float[] logits = randomLogits(random, size);
      SamplingParameters sampling = randomSampling(random, size);
      SamplingScratch scratch = new SamplingScratch(size);
      CounterRandom numbers = new CounterRandom(round);
      long[] counts = new long[size];
      for (int position = 0; position < 20_000; position++) {
        counts[draw(logits, sampling, numbers.uniform(position, 0), scratch)]++;
      }
      double[] expected = ReferenceDistribution.probabilities(logits, sampling);
      if (countPositive(expected) > 1) {
        ChiSquare.assertFits(counts, expected);
      }
    }
  }

  private static long countPositive(double[] probabilities) {
    return Arrays.stream(probabilities).filter(p -> p * 20_000 >= 5).count();
  }

  private static int draw(
      float[] logits, SamplingParameters sampling, double uniform, SamplingScratch scratch) {
    return new TokenDraw(sampling).draw(logits, LogitRow.indexOfMaximum(logits), uniform, scratch);
  }

  /** All tokens that are drawn at all. */
  private static Set<Integer> drawn(float[] logits, SamplingParameters.Builder sampling) {
    SamplingScratch scratch = new SamplingScratch(logits.length);
    SamplingParameters built = sampling.build();
    Set<Integer> drawn = new TreeSet<>();
    for (int step = 0; step < 1_000; step++) {
      drawn.add(draw(logits, built, step / 1_000.0, scratch));
    }
    return drawn;
  }

  private static SamplingParameters.Builder sampling() {
    return SamplingParameters.builder();
  }

  /** Like a model's, or with many equal ones, or with impossible ones among them. */
  static float[] randomLogits(Random random, int size) {
    int kind = random.nextInt(3);
    double spread = 0.5 + 6 * random.nextDouble();
    float[] logits = new float[size];
    for (int token = 0; token < size; token++) {
      float logit = (float) (spread * random.nextGaussian());
      logits[token] = kind == 1 ? Math.round(logit) : logit;
      if (kind == 2 && random.nextInt(4) == 0) {
        logits[token] = Float.NEGATIVE_INFINITY;
      }
    }
    logits[random.nextInt(size)] = (float) (4 * spread);
    return logits;
  }

  static SamplingParameters randomSampling(Random random, int size) {
    SamplingParameters.Builder sampling =
        SamplingParameters.builder().temperature(0.05 + 1.95 * random.nextDouble());
    if (random.nextBoolean()) {
      sampling.topK(1 + random.nextInt(random.nextBoolean() ? 50 : size + 10));
    }
    if (random.nextBoolean()) {
      sampling.topP(1 - Math.pow(10, -6 * random.nextDouble()) + 1e-9);
    }
    if (random.nextBoolean()) {
      sampling.minP(Math.pow(10, -6 * random.nextDouble()));
    }
    return sampling.build();
  }

  private static float[] logarithms(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int token = 0; token < logits.length; token++) {
      logits[token] = (float) Math.log(probabilities[token]);
    }
    return logits;
  }
}
