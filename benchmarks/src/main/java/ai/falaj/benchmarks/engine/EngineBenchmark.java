package ai.falaj.benchmarks.engine;

import ai.falaj.benchmarks.BareModel;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.engine.EngineReport.Round;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/**
 * Holds the scheduler against a {@link BareLoop}: same process, same library, same file, same
 * settings, in turn.
 *
 * <p>Each way has its own context. Warm-up rounds of both come first; then every counted round runs
 * both, the first one alternating, so that a machine that grows slower or faster hurts both alike.
 * Confined to one thread.
 */
public final class EngineBenchmark {

  private static final long PROMPT_SEED = 20250909;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long WARM_UP_NANOS = 8_000_000_000L;
  private static final int MAX_BATCH_TOKENS = 2048;
  private static final int MICRO_BATCH_TOKENS = 512;

  private final EngineLoad load;

  public EngineBenchmark(EngineLoad load) {
    this.load = load;
  }

  /**
   * Runs all rounds.
   *
   * @param roundDone told of the number of rounds that are done, the warm-up included
   * @throws RuntimeLoadException with the reason and the remedy
   * @throws GenerationException if a request failed
   */
  public EngineReport run(IntConsumer roundDone)
      throws RuntimeLoadException, GenerationException, InterruptedException {
    Path file = BareModel.file(load.modelSource());
    LlamaBackend backend = BareModel.backend();
    LlamaCppSpec spec =
        LlamaCppSpec.builder(file.toString())
            .maxSequences(load.sequences())
            .contextTokensPerSequence(load.contextTokens())
            .maxBatchTokens(Math.max(MAX_BATCH_TOKENS, load.sequences()))
            .microBatchTokens(MICRO_BATCH_TOKENS)
            .threads(load.threads())
            // Every round has the same prompts, and the bare loop computes them every time.
            .prefixSharing(false)
            .build();
    ContextSettings settings =
        new ContextSettings(
            spec.maxSequences(),
            spec.contextTokensPerSequence(),
            spec.maxBatchTokens(),
            spec.microBatchTokens(),
            load.threads());
    try (ModelRuntime runtime = spec.open();
        LlamaModel model = BareModel.load(backend, file);
        BareLoop bareLoop = new BareLoop(model, load, settings)) {
      int[][] prompts = randomPrompts(model.vocabulary().size());
      SchedulerRound scheduler = new SchedulerRound(runtime, load);
      List<Round> rounds = new ArrayList<>();
      warmUp(() -> scheduler.run(prompts), () -> bareLoop.run(prompts));
      roundDone.accept(1);
      for (int round = 0; round < load.repetitions(); round++) {
        rounds.add(
            measure(() -> scheduler.run(prompts), () -> bareLoop.run(prompts), round % 2 == 0));
        roundDone.accept(round + 2);
      }
      return report(runtime, backend, rounds);
    }
  }

  /** Until the JIT compiler has seen both ways for a while: rounds of one sequence are short. */
  private void warmUp(Callable<int[][]> scheduler, Callable<int[][]> bareLoop)
      throws GenerationException, InterruptedException {
    long end = System.nanoTime() + WARM_UP_NANOS;
    do {
      measure(scheduler, bareLoop, true);
    } while (System.nanoTime() - end < 0);
  }

  private Round measure(
      Callable<int[][]> scheduler, Callable<int[][]> bareLoop, boolean schedulerFirst)
      throws GenerationException, InterruptedException {
    if (schedulerFirst) {
      double schedulerRate = rate(scheduler);
      return new Round(schedulerRate, rate(bareLoop));
    }
    double bareLoopRate = rate(bareLoop);
    return new Round(rate(scheduler), bareLoopRate);
  }

  private double rate(Callable<int[][]> way) throws GenerationException, InterruptedException {
    long start = System.nanoTime();
    try {
      way.call();
    } catch (GenerationException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("neither way throws anything else", e);
    }
    return load.generatedTokens() * NANOS_PER_SECOND / (System.nanoTime() - start);
  }

  private EngineReport report(ModelRuntime runtime, LlamaBackend backend, List<Round> rounds) {
    return new EngineReport(
        load,
        runtime.info().model(),
        backend.version(),
        backend.devices(),
        Medians.of(rounds.stream().mapToDouble(Round::schedulerTokensPerSecond)),
        Medians.of(rounds.stream().mapToDouble(Round::bareLoopTokensPerSecond)),
        Medians.of(rounds.stream().mapToDouble(Round::ratio)),
        List.copyOf(rounds));
  }

  private int[][] randomPrompts(int vocabularySize) {
    Random random = new Random(PROMPT_SEED);
    int[][] prompts = new int[load.sequences()][load.promptTokens()];
    for (int[] prompt : prompts) {
      Arrays.setAll(prompt, position -> random.nextInt(vocabularySize));
    }
    return prompts;
  }
}
