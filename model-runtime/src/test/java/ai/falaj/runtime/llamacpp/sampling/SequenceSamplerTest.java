package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.TokenLogprob.Alternative;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SequenceSamplerTest {

  private static final int SIZE = 400;
  private static final FakeTokens TOKENS = FakeTokens.ofSize(SIZE);
  private static final ReasoningTags TAGS = new ReasoningTags(TOKENS);
  private static final int[] NO_PROMPT = {};

  private final SamplingScratch scratch = new SamplingScratch(SIZE);

  @Test
  void greedyTakesTheFirstOfTheMostLikely() {
    assertThat(sampler(greedy()).choose(row(7, 3f, 9, 3f)).token()).isEqualTo(7);
  }

  @Test
  void greedyObeysBiasAndPenalties() {
    SequenceSampler sampler =
        sampler(greedy().logitBias(Map.of(5, 10.0)).frequencyPenalty(2).presencePenalty(2));
    List<Integer> chosen = new ArrayList<>();
    for (int step = 0; step < 5; step++) {
      chosen.add(sampler.choose(row(1, 6.5f, 2, 1f)).token());
    }
    // 10, then 6.5 beats 10 - 4 = 6, then 6 beats 6.5 - 4, then 4 beats 2.5, then 2.5 beats 2.
    assertThat(chosen).containsExactly(5, 1, 5, 5, 1);
  }

  @Test
  void theSameSeedGivesTheSameTokensAndAnotherOneOthers() {
    assertThat(choose(sampler(free(), 11), 0, 60)).isEqualTo(choose(sampler(free(), 11), 0, 60));
    assertThat(choose(sampler(free(), 11), 0, 60)).isNotEqualTo(choose(sampler(free(), 12), 0, 60));
  }

  @Test
  void neighboursThatShareTheScratchChangeNothing() {
    List<Integer> alone = choose(sampler(free(), 11), 0, 60);
    SequenceSampler crowded = sampler(free(), 11);
    List<SequenceSampler> neighbours =
        List.of(sampler(free().topK(3), 1), sampler(free().topP(0.5), 2), sampler(greedy(), 3));
    Random random = new Random(4);
    List<Integer> chosen = new ArrayList<>();
    for (int position = 0; position < 60; position++) {
      for (SequenceSampler neighbour : neighbours) {
        if (random.nextBoolean()) {
          neighbour.choose(TokenDrawTest.randomLogits(random, SIZE));
        }
      }
      chosen.add(crowded.choose(rowAt(position)).token());
    }
    assertThat(chosen).isEqualTo(alone);
  }

  @Property(tries = 200)
  void aResumedSequenceGoesOnAsItWouldHave(@ForAll long seed) {
    Random random = new Random(seed);
    SamplingParameters.Builder sampling =
        free().presencePenalty(1).frequencyPenalty(0.3).repetitionPenalty(1.2).topP(0.9);
    List<Integer> whole = choose(sampler(sampling, seed & 0xFFFF), 0, 40);
    int cut = random.nextInt(40);

    SequenceSampler resumed = sampler(sampling, seed & 0xFFFF);
    whole.subList(0, cut).forEach(resumed::accept);

    assertThat(resumed.position()).isEqualTo(cut);
    assertThat(choose(resumed, cut, 40)).isEqualTo(whole.subList(cut, 40));
  }

  @Test
  void repetitionPenaltyLooksAtThePrompt() {
    SequenceSampler sampler =
        sampler(greedy().repetitionPenalty(1.5), 0, new int[] {3, 8}, Optional.empty());
    assertThat(sampler.choose(row(3, 4f, 5, 3f)).token()).isEqualTo(5);
  }

  @Test
  void refusesABiasOutsideTheVocabulary() {
    assertThatThrownBy(() -> sampler(greedy().logitBias(Map.of(SIZE, 1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logit_bias names token 400");
  }

  @Test
  void refusesARowOfAnotherLength() {
    assertThatThrownBy(() -> sampler(greedy()).choose(new float[SIZE - 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("399")
        .hasMessageContaining("400");
  }

  @Test
  void aRowThatIsNoNumberFailsAndLeavesTheSamplerAsItWas() {
    for (SamplingParameters.Builder sampling :
        List.of(greedy(), free(), free().topK(5), free().topP(0.5), free().minP(0.1))) {
      SequenceSampler sampler = sampler(sampling);
      assertThatThrownBy(() -> sampler.choose(row(200, Float.NaN)))
          .isInstanceOf(InvalidLogitsException.class)
          .hasMessageContaining("token 200");
      assertThat(sampler.position()).isZero();
      assertThat(sampler.choose(row(9, 1000f)).token()).isEqualTo(9);
    }
  }

  @Test
  void anInfiniteLogitIsCertain() {
    for (SamplingParameters.Builder sampling : List.of(greedy(), free(), free().topP(0.9))) {
      Chosen chosen = sampler(sampling.topLogprobs(2)).choose(row(9, Float.POSITIVE_INFINITY));
      assertThat(chosen.token()).isEqualTo(9);
      assertThat(chosen.logprob().orElseThrow().logprob()).isZero();
    }
  }

  @Test
  void reportsNoLogprobsUnlessAsked() {
    assertThat(sampler(free()).choose(rowAt(0)).logprob()).isEmpty();
  }

  @Property(tries = 200)
  void logprobsAreThoseOfTheAdjustedLogitsBeforeTemperatureAndTruncation(@ForAll long seed) {
    Random random = new Random(seed);
    float[] logits = TokenDrawTest.randomLogits(random, SIZE);
    int wanted = random.nextInt(21);
    SamplingParameters sampling =
        free()
            .temperature(0.3)
            .topK(4)
            .logitBias(Map.of(17, 3.5))
            .presencePenalty(1)
            .topLogprobs(wanted)
            .build();
    float[] adjusted = ReferenceDistribution.adjust(logits, sampling, List.of(), List.of(2, 3, 2));

    SequenceSampler sampler = sampler(sampling, 5, NO_PROMPT, Optional.empty());
    List.of(2, 3, 2).forEach(sampler::accept);
    Chosen chosen = sampler.choose(logits);

    TokenLogprob logprob = chosen.logprob().orElseThrow();
    assertThat(logprob.token()).isEqualTo(chosen.token());
    assertThat(logprob.text()).isEqualTo(TOKENS.text(chosen.token()));
    assertThat((double) logprob.logprob())
        .isCloseTo(ReferenceDistribution.logprob(adjusted, chosen.token()), within(1e-4));
    List<Integer> best =
        IntStream.range(0, SIZE)
            .boxed()
            .sorted((a, b) -> Float.compare(adjusted[b], adjusted[a]))
            .limit(wanted)
            .toList();
    assertThat(logprob.top()).extracting(Alternative::token).isEqualTo(best);
    for (Alternative alternative : logprob.top()) {
      double expected = ReferenceDistribution.logprob(adjusted, alternative.token());
      assertThat((double) alternative.logprob()).isCloseTo(Math.max(-9999, expected), within(1e-4));
      assertThat(alternative.text()).isEqualTo(TOKENS.text(alternative.token()));
    }
  }

  @Test
  void anImpossibleAlternativeHasTheLowestLogprobThatJsonCanWrite() {
    float[] logits = new float[SIZE];
    Arrays.fill(logits, Float.NEGATIVE_INFINITY);
    logits[3] = 1;
    TokenLogprob logprob = sampler(greedy().topLogprobs(2)).choose(logits).logprob().orElseThrow();
    assertThat(logprob.logprob()).isZero();
    assertThat(logprob.top().get(1).logprob()).isEqualTo(-9999);
  }

  @Test
  void aConstraintIsNotAskedToMaskWhereTheModelKeepsToItByItself() {
    FakeConstraint constraint = new FakeConstraint(TOKENS, "yes", "no");
    SequenceSampler sampler = sampler(greedy().build(), 0, NO_PROMPT, supplied(constraint));
    assertThat(sampler.choose(row(TOKENS.id("y"), 5f)).token()).isEqualTo(TOKENS.id("y"));
    assertThat(constraint.masks()).isZero();
    assertThat(constraint.written()).isEqualTo("y");
  }

  @Test
  void aConstraintMasksWhatItRefuses() {
    for (SamplingParameters.Builder sampling :
        List.of(greedy(), free(), free().topK(2), free().topP(0.01), free().minP(1))) {
      FakeConstraint constraint = new FakeConstraint(TOKENS, "yes", "no");
      SequenceSampler sampler = sampler(sampling.build(), 0, NO_PROMPT, supplied(constraint));
      List<Integer> chosen = new ArrayList<>();
      do {
        chosen.add(sampler.choose(row(8, 30f, 9, 29f)).token());
      } while (!TOKENS.isEndOfGeneration(chosen.get(chosen.size() - 1)));
      assertThat(TOKENS.render(chosen)).isIn("yes<end>", "no<end>");
    }
  }

  @Test
  void logprobsAreTakenBeforeTheMask() {
    FakeConstraint constraint = new FakeConstraint(TOKENS, "yes");
    SequenceSampler sampler =
        sampler(greedy().topLogprobs(1).build(), 0, NO_PROMPT, supplied(constraint));
    float[] logits = row(8, 30f);
    double expected = ReferenceDistribution.logprob(logits, TOKENS.id("y"));
    TokenLogprob logprob = sampler.choose(logits).logprob().orElseThrow();
    assertThat(logprob.token()).isEqualTo(TOKENS.id("y"));
    assertThat((double) logprob.logprob()).isCloseTo(expected, within(1e-4));
    assertThat(logprob.top().get(0).token()).isEqualTo(8);
  }

  /** Sampling first and masking only after a refusal must not favour anyone. */
  @Test
  void aConstrainedDrawIsDistributedAsIfItHadBeenMaskedFirst() {
    String[] letters = {"a", "b", "c", "d", "e"};
    float[] logits = new float[SIZE];
    for (int index = 0; index < letters.length; index++) {
      logits[TOKENS.id(letters[index])] = 1.5f + 0.7f * index;
    }
    float[] masked = logits.clone();
    new FakeConstraint(TOKENS, letters).mask(masked);
    long[] counts = new long[SIZE];
    for (int seed = 0; seed < 30_000; seed++) {
      Optional<Supplier<TokenConstraint>> constraint =
          supplied(new FakeConstraint(TOKENS, letters));
      counts[sampler(free().build(), seed, NO_PROMPT, constraint).choose(logits.clone()).token()]++;
    }
    ChiSquare.assertFits(counts, ReferenceDistribution.probabilities(masked, free().build()));
  }

  @Test
  void aConstraintThatAllowsNothingIsABrokenInvariant() {
    FakeConstraint constraint = new FakeConstraint(TOKENS);
    SequenceSampler sampler = sampler(greedy().build(), 0, NO_PROMPT, supplied(constraint));
    assertThatThrownBy(() -> sampler.choose(row(8, 1f)))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageContaining("position 0")
        .hasMessageContaining("refused 8");
  }

  @Test
  void closingFreesTheConstraintAndEndsTheSampler() {
    FakeConstraint constraint = new FakeConstraint(TOKENS, "yes");
    SequenceSampler sampler = sampler(greedy().build(), 0, NO_PROMPT, supplied(constraint));
    sampler.choose(row(8, 1f));
    sampler.close();
    sampler.close();
    assertThat(constraint.isClosed()).isTrue();
    assertThatThrownBy(() -> sampler.choose(row(8, 1f)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private SequenceSampler sampler(SamplingParameters.Builder sampling) {
    return sampler(sampling, 0);
  }

  private SequenceSampler sampler(SamplingParameters.Builder sampling, long seed) {
    return sampler(sampling.build(), seed, NO_PROMPT, Optional.empty());
  }

  private SequenceSampler sampler(
      SamplingParameters.Builder sampling,
      long seed,
      int[] prompt,
      Optional<Supplier<TokenConstraint>> constraint) {
    return sampler(sampling.build(), seed, prompt, constraint);
  }

  private SequenceSampler sampler(
      SamplingParameters sampling,
      long seed,
      int[] prompt,
      Optional<Supplier<TokenConstraint>> constraint) {
    ReasoningPolicy policy = new ReasoningPolicy(TAGS, ReasoningMode.ABSENT, OptionalInt.empty());
    return new SequenceSampler(sampling, seed, prompt, policy, constraint, scratch);
  }

  private static Optional<Supplier<TokenConstraint>> supplied(TokenConstraint constraint) {
    return Optional.of(() -> constraint);
  }

  private static List<Integer> choose(SequenceSampler sampler, int from, int to) {
    return IntStream.range(from, to).mapToObj(at -> sampler.choose(rowAt(at)).token()).toList();
  }

  /** The same logits for the same position, as a model gives for the same text. */
  private static float[] rowAt(int position) {
    return TokenDrawTest.randomLogits(new Random(position), SIZE);
  }

  /** Zeros but for some tokens: {@code token, logit, token, logit}. */
  private static float[] row(Number... tokensAndLogits) {
    float[] logits = new float[SIZE];
    for (int index = 0; index < tokensAndLogits.length; index += 2) {
      logits[tokensAndLogits[index].intValue()] = tokensAndLogits[index + 1].floatValue();
    }
    return logits;
  }

  private static SamplingParameters.Builder greedy() {
    return SamplingParameters.builder().temperature(0);
  }

  private static SamplingParameters.Builder free() {
    return SamplingParameters.builder();
  }
}
