package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.PromptDistribution;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Answers the same skewed prompts with each way of distributing them over TaskManagers, and
 * compares the rate with what the engines could do if none were ever idle. The models are scripted
 * and paced, one in each TaskManager's process. Confined to one thread.
 */
final class DistributionBenchmark {

  /** Of the capacity, when the load is balanced; the rest is the beginning and the end. */
  private static final double TARGET = 0.85;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** Of the logarithm of the lengths: one answer in forty is seven times the median. */
  private static final double SPREAD = 1.0;

  private static final int MAX_TOKENS = 2_000;

  /** The scripted model says two words before it repeats the prompt's, and one token ends it. */
  private static final int TOKENS_BESIDE_WORDS = 3;

  /** The ways that are compared. */
  enum Variant {
    BY_PARTITION(PromptDistribution.BY_PARTITION, false),
    ROUND_ROBIN(PromptDistribution.BALANCED, false),
    ADAPTIVE(PromptDistribution.BALANCED, true);

    private final PromptDistribution distribution;
    private final boolean adaptive;

    Variant(PromptDistribution distribution, boolean adaptive) {
      this.distribution = distribution;
      this.adaptive = adaptive;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * One answered load.
   *
   * @param seconds from the first receipt of a prompt to the last token
   * @param tokens of all completions
   * @param share of the engines' capacity that was used
   */
  record Round(int round, String variant, double seconds, long tokens, double share) {}

  private final DistributionLoad load;
  private final ProcessCluster cluster;
  private final Connection connection;
  private final FakeRuntimeSpec spec;

  DistributionBenchmark(DistributionLoad load, ProcessCluster cluster) {
    this.load = load;
    this.cluster = cluster;
    this.connection = Connection.of(cluster.kafka().bootstrapServers(), cluster.registry().url());
    this.spec =
        FakeRuntimeSpec.builder("scripted")
            .maxSequences(load.sequences())
            .contextTokens(2 * MAX_TOKENS + 64)
            .stepDelay(Duration.ofNanos(Math.round(1e9 / load.tokensPerSecond())))
            .build();
  }

  /** Topics that a run needs: prompts of their own for each job. */
  static List<String> topics(DistributionLoad load) {
    List<String> topics =
        new ArrayList<>(List.of(Topics.CHUNKS, Topics.COMPLETIONS, Topics.DEAD_LETTERS));
    for (int round = 1; round <= load.rounds(); round++) {
      for (Variant variant : Variant.values()) {
        topics.add(promptsTopic(round, variant));
      }
    }
    return topics;
  }

  private static String promptsTopic(int round, Variant variant) {
    return Topics.PROMPTS + "-" + round + "-" + variant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param progress told a line after each round
   */
  BenchmarkReport<DistributionLoad, Round> run(Consumer<String> progress)
      throws InterruptedException {
    List<Round> rounds = new ArrayList<>();
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        ResultReader reader =
            ResultReader.open(
                connection,
                registry,
                EnumSet.of(RecordKind.COMPLETIONS),
                new StartPoint.Beginning())) {
      for (int number = 1; number <= load.rounds(); number++) {
        for (Variant variant : Variant.values()) {
          Round round = round(number, variant, registry, reader);
          progress.accept(line(round));
          rounds.add(round);
        }
      }
    }
    try (FakeRuntime runtime = new FakeRuntime(spec)) {
      return BenchmarkReport.of("distribution", runtime.info(), load, verdicts(rounds), rounds);
    }
  }

  private Round round(int number, Variant variant, SchemaRegistry registry, ResultReader reader)
      throws InterruptedException {
    String topic = promptsTopic(number, variant);
    Random random = new Random(load.seed() + number);
    try (PromptProducer producer =
        new PromptProducer(connection.withTopic(RecordKind.PROMPTS, topic), registry)) {
      for (int prompt = 0; prompt < load.prompts(); prompt++) {
        producer.send(prompt(topic, prompt, random));
      }
      producer.flush();
    }
    JobClient job = submit(topic, variant);
    Map<String, Completion> completions = read(topic, reader);
    stop(job);
    return result(number, variant, completions);
  }

  private PromptRequest prompt(String topic, int number, Random random) {
    String id = topic + "-" + number;
    String key = random.nextDouble() < load.hotShare() ? topic : id;
    double tokens = load.medianTokens() * Math.exp(SPREAD * random.nextGaussian());
    int words = (int) Math.max(1, Math.min(MAX_TOKENS, Math.round(tokens)) - TOKENS_BESIDE_WORDS);
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setConversationId(key)
        .setMessages(
            new ArrayList<>(List.of(new ChatMessage("user", "word ".repeat(words).strip()))))
        .setMetadata(new HashMap<>())
        .setCreatedAt(Instant.now())
        .build();
  }

  private JobClient submit(String topic, Variant variant) {
    Configuration job = new Configuration();
    job.set(CompletionOptions.BOOTSTRAP_SERVERS, cluster.kafka().bootstrapServers());
    job.set(CompletionOptions.SCHEMA_REGISTRY_URL, cluster.registry().url());
    job.set(CompletionOptions.JOB_NAME, topic);
    job.set(CompletionOptions.GROUP_ID, topic);
    job.set(CompletionOptions.PROMPTS_TOPIC, topic);
    job.set(CompletionOptions.CHUNKS_ENABLED, false);
    job.set(CompletionOptions.DELIVERY, DeliveryGuarantee.AT_LEAST_ONCE);
    job.set(CompletionOptions.MAX_IN_FLIGHT, load.maxInFlight());
    job.set(CompletionOptions.PROMPTS_DISTRIBUTION, variant.distribution);
    job.set(NettyShuffleEnvironmentOptions.ADAPTIVE_PARTITIONER_ENABLED, variant.adaptive);
    StreamExecutionEnvironment environment = cluster.flink().environment(job);
    environment.setParallelism(load.taskManagers());
    try {
      return environment.executeAsync(CompletionJob.build(environment, job, spec).jobName());
    } catch (Exception e) { // declared by executeAsync
      throw StackException.failure(
          "the job could not be submitted: " + e.getMessage(), "see the log", e);
    }
  }

  private Map<String, Completion> read(String topic, ResultReader reader) {
    Map<String, Completion> completions = new HashMap<>();
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (completions.size() < load.prompts()) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw StackException.failure(
            "only %d of %d prompts were answered within %d minutes"
                .formatted(completions.size(), load.prompts(), LIMIT.toMinutes()),
            "see the TaskManagers' logs",
            null);
      }
      for (ReadRecord record : reader.poll(POLL)) {
        Optional<Completion> completion = record.value(Completion.class);
        completion
            .filter(c -> c.getRequestId().startsWith(topic))
            .ifPresent(c -> completions.put(c.getRequestId(), c));
      }
    }
    return completions;
  }

  private static void stop(JobClient job) throws InterruptedException {
    try {
      job.cancel().get();
    } catch (ExecutionException e) {
      throw StackException.failure(
          "the job could not be cancelled: " + e.getCause().getMessage(), "see the log", e);
    }
  }

  private Round result(int number, Variant variant, Map<String, Completion> completions) {
    long firstMs = Long.MAX_VALUE;
    long lastMs = Long.MIN_VALUE;
    long tokens = 0;
    for (Completion completion : completions.values()) {
      long endMs = completion.getCompletedAt().toEpochMilli();
      firstMs = Math.min(firstMs, endMs - completion.getTimings().getTotalMs());
      lastMs = Math.max(lastMs, endMs);
      tokens += completion.getUsage().getCompletionTokens();
    }
    double seconds = (lastMs - firstMs) / 1e3;
    return new Round(number, variant.title(), seconds, tokens, tokens / seconds / load.capacity());
  }

  private static List<Verdict> verdicts(List<Round> rounds) {
    return List.of(
        Verdict.atLeast(
            TARGET,
            "share of the engines' capacity that is used, balanced by load",
            share(rounds, Variant.ADAPTIVE)),
        Verdict.atLeast(
            1,
            "rate balanced by load : rate by partition",
            share(rounds, Variant.ADAPTIVE) / share(rounds, Variant.BY_PARTITION)));
  }

  private static double share(List<Round> rounds, Variant variant) {
    return Medians.of(
        rounds.stream()
            .filter(round -> round.variant().equals(variant.title()))
            .mapToDouble(Round::share));
  }

  private static String line(Round round) {
    return String.format(
        Locale.ROOT,
        "round %d, %s: %d tokens in %.1f s, %.0f%% of what the engines can do",
        round.round(),
        round.variant(),
        round.tokens(),
        round.seconds(),
        100 * round.share());
  }
}
