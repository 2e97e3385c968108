package ai.falaj.benchmarks.samples;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.load.Generations;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The time until all samples of a prompt have their first token, by the time until the only sample
 * of another prompt has it. One request at a time, one kind after the other, every prompt new, so
 * that no cache helps either. Confined to one thread.
 */
public final class SamplesBenchmark {

  private static final double TARGET = 1.15;
  private static final int WARM_UP_PAIRS = 10;

  private final EngineSettings settings;
  private final SamplesLoad load;
  private final RandomWorkloads prompts;

  public SamplesBenchmark(EngineSettings settings, SamplesLoad load) {
    this.settings =
        settings
            .withSequences(load.samples())
            .withContextTokens(load.promptTokens() + load.newTokens());
    this.load = load;
    this.prompts = new RandomWorkloads(settings.vocabularySize(), load.seed());
  }

  /**
   * Medians of one round.
   *
   * @param ratio median of the pairs' ratios
   */
  public record Round(double oneSampleMs, double allSamplesMs, double ratio) {}

  /** One request of each kind. */
  private record Pair(double oneSampleMs, double allSamplesMs) {}

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<SamplesLoad, Round> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    try (RuntimeTarget target = RuntimeTarget.open(settings.spec().build())) {
      pairs(target, WARM_UP_PAIRS);
      List<Round> rounds = new ArrayList<>();
      for (int number = 1; number <= load.rounds(); number++) {
        Round round = round(pairs(target, load.pairs()));
        rounds.add(round);
        progress.accept(
            String.format(
                Locale.ROOT,
                "round %d of %d: 1 sample %.1f ms, %d samples %.1f ms, ratio %.3f",
                number,
                load.rounds(),
                round.oneSampleMs(),
                load.samples(),
                round.allSamplesMs(),
                round.ratio()));
      }
      Verdict verdict =
          Verdict.atMost(
              TARGET,
              "time to the first tokens of %d samples : of one".formatted(load.samples()),
              Medians.of(rounds.stream().mapToDouble(Round::ratio)));
      return BenchmarkReport.of("samples", target.runtime().info(), load, List.of(verdict), rounds);
    }
  }

  private static Round round(List<Pair> pairs) {
    return new Round(
        Medians.of(pairs.stream().mapToDouble(Pair::oneSampleMs)),
        Medians.of(pairs.stream().mapToDouble(Pair::allSamplesMs)),
        Medians.of(pairs.stream().mapToDouble(pair -> pair.allSamplesMs() / pair.oneSampleMs())));
  }

  private List<Pair> pairs(RuntimeTarget target, int count)
      throws BenchmarkException, InterruptedException {
    List<Pair> pairs = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      boolean oneFirst = index % 2 == 0;
      double first = startedMs(target, oneFirst ? 1 : load.samples());
      double second = startedMs(target, oneFirst ? load.samples() : 1);
      pairs.add(oneFirst ? new Pair(first, second) : new Pair(second, first));
    }
    return pairs;
  }

  private double startedMs(RuntimeTarget target, int samples)
      throws BenchmarkException, InterruptedException {
    GenerationRequest request =
        GenerationRequest.builder(
                "samples-" + samples, new Prompt.Tokens(prompts.tokens(load.promptTokens())))
            .sampling(
                SamplingParameters.builder().seed(load.seed()).maxTokens(load.newTokens()).build())
            .samples(samples)
            .ignoreEndOfSequence()
            .build();
    return Generations.run(target.runtime(), request).allSamplesStartedMs();
  }
}
