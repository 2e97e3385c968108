package ai.falaj.benchmarks.speculation;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.load.Generations;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.Speculation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One sequence with prompt lookup and without, in turn, on the same greedy tasks. Whether both
 * write the same tokens is measured too. Confined to one thread.
 */
public final class SpeculationBenchmark {

  /** Guessing must at least not cost anything on the load that it is made for. */
  private static final double SPEED_TARGET = 1;

  /** Half a percent is left for two tokens whose likelihoods differ by less than rounding does. */
  private static final double SAME_TARGET = 0.995;

  private static final int CONTEXT_TOKENS = 512;

  private final EngineSettings settings;
  private final SpeculationLoad load;

  public SpeculationBenchmark(EngineSettings settings, SpeculationLoad load) {
    this.settings = settings.withSequences(1).withContextTokens(CONTEXT_TOKENS + load.newTokens());
    this.load = load;
  }

  /**
   * One round of both.
   *
   * @param acceptedPart of the guessed tokens
   * @param sameTokenPart of the tokens: equal to those without speculation up to the first
   *     difference in each answer
   */
  public record Round(
      double plainTokensPerSecond,
      double speculatingTokensPerSecond,
      double acceptedPart,
      double sameTokenPart) {

    double ratio() {
      return speculatingTokensPerSecond / plainTokensPerSecond;
    }
  }

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<SpeculationLoad, Round> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    try (RuntimeTarget plain = RuntimeTarget.open(settings.spec().build());
        RuntimeTarget speculating =
            RuntimeTarget.open(settings.spec().speculation(Speculation.promptLookup()).build())) {
      round(plain, speculating, true);
      List<Round> rounds = new ArrayList<>();
      for (int number = 1; number <= load.rounds(); number++) {
        Round round = round(plain, speculating, number % 2 == 0);
        rounds.add(round);
        progress.accept(
            String.format(
                Locale.ROOT,
                "round %d of %d: plain %.1f, prompt lookup %.1f tokens/s, ratio %.3f, accepted %.2f",
                number,
                load.rounds(),
                round.plainTokensPerSecond(),
                round.speculatingTokensPerSecond(),
                round.ratio(),
                round.acceptedPart()));
      }
      return BenchmarkReport.of(
          "speculation", plain.runtime().info(), load, verdicts(rounds), rounds);
    }
  }

  private static List<Verdict> verdicts(List<Round> rounds) {
    return List.of(
        Verdict.atLeast(
            SPEED_TARGET,
            "generation of quoting answers, 1 sequence, prompt lookup : without",
            Medians.of(rounds.stream().mapToDouble(Round::ratio))),
        Verdict.atLeast(
            SAME_TARGET,
            "part of greedy tokens that are the same with prompt lookup",
            Medians.of(rounds.stream().mapToDouble(Round::sameTokenPart))));
  }

  private Round round(RuntimeTarget plain, RuntimeTarget speculating, boolean plainFirst)
      throws BenchmarkException, InterruptedException {
    RuntimeStats before = speculating.runtime().stats();
    List<Generations.Timed> first = answers(plainFirst ? plain : speculating);
    List<Generations.Timed> second = answers(plainFirst ? speculating : plain);
    RuntimeStats after = speculating.runtime().stats();
    List<Generations.Timed> plainAnswers = plainFirst ? first : second;
    List<Generations.Timed> speculatedAnswers = plainFirst ? second : first;
    long drafted = after.draftTokens() - before.draftTokens();
    long accepted = after.acceptedDraftTokens() - before.acceptedDraftTokens();
    return new Round(
        tokensPerSecond(plainAnswers),
        tokensPerSecond(speculatedAnswers),
        drafted == 0 ? 0 : (double) accepted / drafted,
        sameTokenPart(plainAnswers, speculatedAnswers));
  }

  private List<Generations.Timed> answers(RuntimeTarget target)
      throws BenchmarkException, InterruptedException {
    List<Generations.Timed> answers = new ArrayList<>();
    for (int index = 0; index < CopyPrompts.count(); index++) {
      GenerationRequest request =
          GenerationRequest.of(
              "copy-" + index,
              CopyPrompts.prompt(index),
              SamplingParameters.greedy(load.newTokens()));
      answers.add(Generations.run(target.runtime(), request));
    }
    return answers;
  }

  /** Of all answers, each from its first token to its last. */
  private static double tokensPerSecond(List<Generations.Timed> answers) {
    long tokens = answers.stream().mapToLong(answer -> answer.tokens().size() - 1L).sum();
    return tokens / answers.stream().mapToDouble(Generations.Timed::decodeSeconds).sum();
  }

  static double sameTokenPart(List<Generations.Timed> some, List<Generations.Timed> others) {
    long same = 0;
    long all = 0;
    for (int index = 0; index < some.size(); index++) {
      List<Integer> tokens = some.get(index).tokens();
      List<Integer> otherTokens = others.get(index).tokens();
      int length = Math.min(tokens.size(), otherTokens.size());
      int equal = 0;
      while (equal < length && tokens.get(equal).equals(otherTokens.get(equal))) {
        equal++;
      }
      same += equal;
      all += Math.max(tokens.size(), otherTokens.size());
    }
    return (double) same / all;
  }
}
