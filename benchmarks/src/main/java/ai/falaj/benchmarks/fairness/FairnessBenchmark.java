package ai.falaj.benchmarks.fairness;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.load.Generations;
import ai.falaj.benchmarks.load.Generations.Timed;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.scheduler.TenantShare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Fairness on the real engine, in three parts: shares of two tenants that both want more than there
 * is; urgent requests into a runtime whose slots are all taken; one tenant's only request behind
 * another's flood. Confined to one thread.
 */
public final class FairnessBenchmark {

  private static final String GREATER = "greater";
  private static final String LESSER = "lesser";
  private static final String SINGLE = "single";

  private static final double SHARE_TARGET = 0.05;
  private static final double URGENT_STEPS_TARGET = 3;
  private static final int URGENT_PRIORITY = 100;

  /** Tokens of a probe: it is its first that counts. */
  private static final int PROBE_TOKENS = 4;

  /** Requests that each tenant has in the runtime, per slot: it never runs dry. */
  private static final int REQUESTS_PER_SLOT = 3;

  private static final long SETTLE_MS = 2_000;

  /** Longest random wait before a probe, so that probes come at any point of a step. */
  private static final int PROBE_PAUSE_MS = 500;

  private final EngineSettings settings;
  private final FairnessLoad load;
  private final Random random;

  public FairnessBenchmark(EngineSettings settings, FairnessLoad load) {
    this.settings =
        settings
            .withSequences(load.sequences())
            .withContextTokens(load.promptTokens() + load.newTokens());
    this.load = load;
    this.random = new Random(load.seed());
  }

  /**
   * @param progress told a line after each part
   */
  public BenchmarkReport<FairnessLoad, FairnessResult> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    LlamaCppSpec spec =
        settings
            .spec()
            .maxWaiting(load.flood() + 2 * REQUESTS_PER_SLOT * load.sequences())
            .tenants(
                List.of(
                    new TenantShare(GREATER, load.weight(), null), TenantShare.standard(LESSER)))
            .build();
    try (RuntimeTarget target = RuntimeTarget.open(spec)) {
      ModelRuntime runtime = target.runtime();
      List<Timed> alone = probes(runtime, SINGLE, 0);
      long[][] tokens = shares(runtime);
      SlidingShares shares = SlidingShares.of(tokens[0], tokens[1], load.windowSeconds());
      progress.accept("shares of the greater tenant: " + shares);
      List<Timed> urgent = urgent(runtime);
      progress.accept("steps to the first token of urgent requests: " + steps(urgent));
      List<Timed> single = behindFlood(runtime);
      progress.accept("steps to the first token behind the flood: " + steps(single));
      FairnessResult result =
          new FairnessResult(
              shares,
              Arrays.stream(tokens[0]).boxed().toList(),
              Arrays.stream(tokens[1]).boxed().toList(),
              steps(urgent),
              milliseconds(urgent),
              Medians.of(alone.stream().mapToDouble(Timed::firstTokenMs)),
              steps(single),
              milliseconds(single));
      return BenchmarkReport.of(
          "fairness", runtime.info(), load, verdicts(result), List.of(result));
    }
  }

  private List<Verdict> verdicts(FairnessResult result) {
    return List.of(
        Verdict.atMost(
            SHARE_TARGET,
            "largest deviation of a tenant from its share, %d : 1, any %d s"
                .formatted(load.weight(), load.windowSeconds()),
            result.greaterTenant().largestDeviation(load.greaterShare())),
        Verdict.atMost(
            URGENT_STEPS_TARGET,
            "steps to the first token of an urgent request, all slots taken, worst",
            worst(result.urgentSteps())),
        Verdict.atMost(
            boundSteps(),
            "steps to the first token behind %d requests of another tenant, worst"
                .formatted(load.flood()),
            worst(result.singleSteps())));
  }

  /**
   * The scheduler admits a tenant that was away after at most one sequence of the only other, so
   * two slots must become free: at worst when all end at once that have only just begun. Two steps
   * more are the one that was under way and the tenant's own prefill, which gives its first token.
   */
  private double boundSteps() {
    return load.newTokens() + 2;
  }

  /** Tokens per second of the greater and of the lesser tenant, the first window left out. */
  private long[][] shares(ModelRuntime runtime) throws BenchmarkException, InterruptedException {
    long originNanos = System.nanoTime() + load.windowSeconds() * 1_000_000_000L;
    TokensPerSecond greater = new TokensPerSecond(originNanos, load.seconds());
    TokensPerSecond lesser = new TokensPerSecond(originNanos, load.seconds());
    try (Crowd first = crowd(runtime, GREATER, REQUESTS_PER_SLOT * load.sequences(), greater);
        Crowd second = crowd(runtime, LESSER, REQUESTS_PER_SLOT * load.sequences(), lesser)) {
      Thread.sleep((load.windowSeconds() + load.seconds()) * 1_000L);
      first.requireHealthy();
      second.requireHealthy();
    }
    return new long[][] {greater.toArray(), lesser.toArray()};
  }

  private List<Timed> urgent(ModelRuntime runtime) throws BenchmarkException, InterruptedException {
    try (Crowd crowd = crowd(runtime, GREATER, REQUESTS_PER_SLOT * load.sequences(), uncounted())) {
      Thread.sleep(SETTLE_MS);
      List<Timed> probes = probes(runtime, GREATER, URGENT_PRIORITY);
      crowd.requireHealthy();
      return probes;
    }
  }

  private List<Timed> behindFlood(ModelRuntime runtime)
      throws BenchmarkException, InterruptedException {
    try (Crowd flood = crowd(runtime, LESSER, load.flood(), uncounted())) {
      Thread.sleep(SETTLE_MS);
      List<Timed> probes = probes(runtime, SINGLE, 0);
      flood.requireHealthy();
      return probes;
    }
  }

  private List<Timed> probes(ModelRuntime runtime, String tenant, int priority)
      throws BenchmarkException, InterruptedException {
    RandomWorkloads prompts =
        new RandomWorkloads(settings.vocabularySize(), load.seed() + tenant.hashCode() + priority);
    List<Timed> probes = new ArrayList<>();
    for (int probe = 0; probe < load.probes(); probe++) {
      Thread.sleep(random.nextInt(PROBE_PAUSE_MS));
      GenerationRequest request =
          request("probe-" + probe, tenant, prompts.tokens(load.promptTokens()), PROBE_TOKENS)
              .priority(priority)
              .build();
      probes.add(Generations.run(runtime, request));
    }
    return probes;
  }

  private Crowd crowd(ModelRuntime runtime, String tenant, int size, TokensPerSecond counter)
      throws BenchmarkException {
    RandomWorkloads prompts =
        new RandomWorkloads(settings.vocabularySize(), load.seed() ^ tenant.hashCode());
    return Crowd.of(
        runtime,
        size,
        number ->
            request(tenant + "-" + number, tenant, nextPrompt(prompts), load.newTokens()).build(),
        delta -> counter.add(System.nanoTime(), delta.tokens().size()));
  }

  /** The first requests come from the caller's thread, the others from the runtime's. */
  private List<Integer> nextPrompt(RandomWorkloads prompts) {
    synchronized (prompts) {
      return prompts.tokens(load.promptTokens());
    }
  }

  private static GenerationRequest.Builder request(
      String id, String tenant, List<Integer> prompt, int newTokens) {
    return GenerationRequest.builder(id, new Prompt.Tokens(prompt))
        .sampling(SamplingParameters.greedy(newTokens))
        .tenant(tenant)
        .ignoreEndOfSequence();
  }

  private static TokensPerSecond uncounted() {
    return new TokensPerSecond(System.nanoTime(), 0);
  }

  private static double worst(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).max().orElseThrow();
  }

  private static List<Long> steps(List<Timed> probes) {
    return probes.stream().map(Timed::stepsToFirstToken).toList();
  }

  private static List<Double> milliseconds(List<Timed> probes) {
    return probes.stream().map(Timed::firstTokenMs).toList();
  }
}
