package ai.falaj.benchmarks.batched;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.WarmUp;
import ai.falaj.benchmarks.llamatools.BatchedBench;
import ai.falaj.benchmarks.llamatools.BatchedBench.Speeds;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.load.Workload;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * The runtime, with sampling, text, listeners and scheduling, against {@code llama-batched-bench},
 * which has none of them: same file, same shapes, same flags, in turn.
 *
 * <p>The tool computes all prompts and then decodes; a scheduler lets a sequence decode while
 * others are still prefilled. So that both are timed over the same work, the runtime is given two
 * loads: generations of one token, which are nothing but prefill, until the last of them has it;
 * and whole generations, of which only the time counts in which all sequences decode. Confined to
 * one thread.
 */
public final class BatchedBenchmark {

  private static final double TARGET = 0.97;

  private final LlamaTools tools;
  private final EngineSettings settings;
  private final BatchedLoad load;
  private final RandomWorkloads workloads;

  /**
   * @param settings whose sequences and context are those of each shape instead
   */
  public BatchedBenchmark(LlamaTools tools, EngineSettings settings, BatchedLoad load) {
    this.tools = tools;
    this.settings = settings.withContextTokens(load.contextTokens());
    this.load = load;
    this.workloads = new RandomWorkloads(settings.vocabularySize(), load.seed());
  }

  /** Both ways once, each the median of its measurements of this round. */
  public record Round(
      int sequences,
      double prefillTokensPerSecond,
      double toolPrefillTokensPerSecond,
      double decodeTokensPerSecond,
      double toolDecodeTokensPerSecond) {

    double prefillRatio() {
      return prefillTokensPerSecond / toolPrefillTokensPerSecond;
    }

    double decodeRatio() {
      return decodeTokensPerSecond / toolDecodeTokensPerSecond;
    }
  }

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<BatchedLoad, Round> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    List<Round> rounds = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    RuntimeInfo info = null;
    for (int sequences : load.sequences()) {
      List<Round> ofShape = new ArrayList<>();
      EngineSettings shape = settings.withSequences(sequences);
      try (RuntimeTarget target = RuntimeTarget.open(shape.spec().build())) {
        info = target.runtime().info();
        WarmUp.of(Duration.ofSeconds(load.warmUpSeconds()), () -> measure(target, sequences));
        for (int round = 0; round < load.rounds(); round++) {
          Round both = round(target, new BatchedBench(tools, shape), sequences, round % 2 == 0);
          progress.accept(line(round, both));
          ofShape.add(both);
        }
      }
      verdicts.add(verdict("prefill", sequences, ofShape, Round::prefillRatio));
      verdicts.add(verdict("generation", sequences, ofShape, Round::decodeRatio));
      rounds.addAll(ofShape);
    }
    return BenchmarkReport.of("batched", info, load, verdicts, rounds);
  }

  private Round round(RuntimeTarget target, BatchedBench tool, int sequences, boolean toolLast)
      throws BenchmarkException, InterruptedException {
    int measurements = BatchedLoad.measurements(sequences);
    List<Speeds> ours = toolLast ? measure(target, sequences, measurements) : List.of();
    List<Speeds> theirs = tool.run(load.promptTokens(), load.newTokens(), measurements);
    if (!toolLast) {
      ours = measure(target, sequences, measurements);
    }
    return new Round(
        sequences,
        Medians.of(ours.stream().mapToDouble(Speeds::prefillTokensPerSecond)),
        Medians.of(theirs.stream().mapToDouble(Speeds::prefillTokensPerSecond)),
        Medians.of(ours.stream().mapToDouble(Speeds::decodeTokensPerSecond)),
        Medians.of(theirs.stream().mapToDouble(Speeds::decodeTokensPerSecond)));
  }

  private List<Speeds> measure(RuntimeTarget target, int sequences, int measurements)
      throws BenchmarkException, InterruptedException {
    List<Speeds> all = new ArrayList<>();
    for (int measurement = 0; measurement < measurements; measurement++) {
      all.add(measure(target, sequences));
    }
    return all;
  }

  private Speeds measure(RuntimeTarget target, int sequences)
      throws BenchmarkException, InterruptedException {
    Workload prefill = workloads.uniform(sequences, load.promptTokens(), 1);
    double prefillSeconds = target.run(prefill, sequences).secondsUntilAllHaveTheirFirstToken();
    // The prompts are still in the cache: all generations start at once, as they do in the tool,
    // and none ends while another one's prompt is computed.
    Workload decode = prefill.withNewTokens(load.newTokens() + 1);
    double decodeSpeed = target.run(decode, sequences).decodeTokensPerSecond();
    return new Speeds(prefill.promptTokens() / prefillSeconds, decodeSpeed);
  }

  private static Verdict verdict(
      String what, int sequences, List<Round> rounds, ToDoubleFunction<Round> ratio) {
    return Verdict.atLeast(
        TARGET,
        "%s, %d %s, runtime : llama-batched-bench"
            .formatted(what, sequences, sequences == 1 ? "sequence" : "sequences"),
        Medians.of(rounds.stream().mapToDouble(ratio)));
  }

  private String line(int round, Round both) {
    return String.format(
        Locale.ROOT,
        "round %d of %d, %d sequences: prefill %.0f : %.0f = %.3f, generation %.1f : %.1f = %.3f",
        round + 1,
        load.rounds(),
        both.sequences(),
        both.prefillTokensPerSecond(),
        both.toolPrefillTokensPerSecond(),
        both.prefillRatio(),
        both.decodeTokensPerSecond(),
        both.toolDecodeTokensPerSecond(),
        both.decodeRatio());
  }
}
