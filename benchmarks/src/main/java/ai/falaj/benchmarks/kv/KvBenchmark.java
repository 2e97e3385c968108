package ai.falaj.benchmarks.kv;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.KvCacheException;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Computes a prefix, copies it to another sequence, and decodes with sequences of that length in
 * buffers of their own, in a shared pool, and in a shared pool where all refer to one prefix. Over
 * llama.cpp itself, without a scheduler. Confined to one thread.
 */
public final class KvBenchmark {

  private static final double COPY_TARGET = 0.05;

  private final EngineSettings settings;
  private final KvLoad load;
  private final RandomWorkloads prompts;

  public KvBenchmark(EngineSettings settings, KvLoad load) {
    this.settings = settings.withContextTokens(load.prefixTokens() + load.steps() + 1);
    this.load = load;
    this.prompts = new RandomWorkloads(settings.vocabularySize(), load.steps());
  }

  /**
   * Medians of one round.
   *
   * @param computeMs time to prefill the prefix
   * @param copyMs time to copy it to another sequence's buffer
   * @param ownStepMs time of a decoding step, each sequence in its own buffer
   * @param pooledStepMs the same in a shared pool, no entries shared
   * @param sharedStepMs the same in a shared pool, the whole prefix shared
   */
  public record Round(
      double computeMs,
      double copyMs,
      double ownStepMs,
      double pooledStepMs,
      double sharedStepMs) {}

  private record Decoding(double computeMs, double copyMs, double stepMs) {}

  /**
   * @param progress told a line after each round
   */
  public BenchmarkReport<KvLoad, Round> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    RuntimeInfo info;
    try (ModelRuntime runtime = settings.withSequences(1).spec().build().open()) {
      info = runtime.info();
    }
    List<Round> rounds = new ArrayList<>();
    try (LlamaModel model = settings.loadModel()) {
      measure(model, false, false);
      for (int number = 1; number <= load.rounds(); number++) {
        Decoding own = measure(model, false, false);
        Decoding pooled = measure(model, true, false);
        Decoding shared = measure(model, true, true);
        Round round =
            new Round(
                own.computeMs(), own.copyMs(), own.stepMs(), pooled.stepMs(), shared.stepMs());
        rounds.add(round);
        progress.accept(
            String.format(
                Locale.ROOT,
                "round %d of %d: %d tokens computed in %.1f ms, copied in %.1f ms; a step of %d takes %.1f ms in buffers, %.1f ms in a pool, %.1f ms with one prefix",
                number,
                load.rounds(),
                load.prefixTokens(),
                round.computeMs(),
                round.copyMs(),
                settings.sequences(),
                round.ownStepMs(),
                round.pooledStepMs(),
                round.sharedStepMs()));
      }
    }
    Verdict copy =
        Verdict.atMost(
            COPY_TARGET,
            "time to copy a prefix : to compute it",
            Medians.of(rounds.stream().mapToDouble(r -> r.copyMs() / r.computeMs())));
    return BenchmarkReport.of("kv", info, load, List.of(copy), rounds);
  }

  private Decoding measure(LlamaModel model, boolean pool, boolean shared)
      throws RuntimeLoadException, BenchmarkException {
    int sequences = settings.sequences();
    ContextSettings context =
        new ContextSettings(
            sequences,
            settings.contextTokens(),
            EngineSettings.BATCH_TOKENS,
            EngineSettings.MICRO_BATCH_TOKENS,
            sequences,
            settings.threads(),
            pool ? OptionalInt.of(settings.kvTokens()) : OptionalInt.empty(),
            ContextSettings.TYPE_F16,
            ContextSettings.TYPE_F16,
            Optional.empty());
    try (LlamaContext kv = LlamaContext.create(model, context);
        TokenBatch batch = new TokenBatch(EngineSettings.BATCH_TOKENS)) {
      double computeMs = prefill(kv, batch, 0);
      double copyMs = 0;
      for (int sequence = 1; sequence < sequences; sequence++) {
        if (shared || !pool) {
          long start = System.nanoTime();
          kv.copySequence(0, sequence, load.prefixTokens());
          copyMs = millisSince(start);
        } else {
          prefill(kv, batch, sequence);
        }
      }
      return new Decoding(computeMs, copyMs, decode(kv, batch));
    } catch (KvCacheException e) {
      throw new BenchmarkException(e.getMessage(), e);
    }
  }

  private double prefill(LlamaContext kv, TokenBatch batch, int sequence)
      throws BenchmarkException {
    List<Integer> tokens = prompts.tokens(load.prefixTokens());
    long start = System.nanoTime();
    for (int from = 0; from < tokens.size(); from += EngineSettings.BATCH_TOKENS) {
      batch.clear();
      int to = Math.min(tokens.size(), from + EngineSettings.BATCH_TOKENS);
      for (int position = from; position < to; position++) {
        batch.add(tokens.get(position), position, sequence, position == tokens.size() - 1);
      }
      compute(kv, batch);
    }
    kv.logits(0);
    return millisSince(start);
  }

  private double decode(LlamaContext kv, TokenBatch batch) throws BenchmarkException {
    List<Double> steps = new ArrayList<>();
    for (int step = 0; step < load.steps(); step++) {
      batch.clear();
      for (int sequence = 0; sequence < settings.sequences(); sequence++) {
        batch.add(step + sequence, load.prefixTokens() + step, sequence, true);
      }
      long start = System.nanoTime();
      compute(kv, batch);
      kv.logits(0);
      steps.add(millisSince(start));
    }
    return Medians.of(steps.stream().mapToDouble(Double::doubleValue));
  }

  private static void compute(LlamaContext kv, TokenBatch batch) throws BenchmarkException {
    int code = kv.decode(batch);
    if (code != 0) {
      throw new BenchmarkException("llama_decode returned " + code);
    }
  }

  private static double millisSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e6;
  }
}
