package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.cluster.ServerProcess;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.PromptRequest;
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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Kills the TaskManager that writes all generations, half-way through them, and counts from the
 * chunk topic what was written again. The model is scripted and paced: what is measured does not
 * depend on it. Confined to one thread.
 */
final class ResumeBenchmark {

  /** Starting over would be all of it. */
  private static final double TARGET = 0.10;

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final ResumeLoad load;
  private final ProcessCluster cluster;
  private final Connection connection;
  private final Random random;
  private final Map<String, ChunkAssembler> texts = new HashMap<>();
  private final Map<String, Completion> completions = new HashMap<>();

  ResumeBenchmark(ResumeLoad load, ProcessCluster cluster) {
    this.load = load;
    this.cluster = cluster;
    this.connection = Connection.of(cluster.kafka().bootstrapServers(), cluster.registry().url());
    this.random = new Random(load.seed());
  }

  /**
   * One kill.
   *
   * @param tokensAtKill in the chunk topic, of all generations
   * @param tokensRepeated of them that were written again
   * @param inconsistent requests whose chunks do not join to their completion
   */
  record Round(int round, long tokensAtKill, long tokensRepeated, double share, int inconsistent) {}

  /**
   * @param progress told a line after each round
   */
  BenchmarkReport<ResumeLoad, Round> run(Consumer<String> progress) throws InterruptedException {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("scripted")
            .maxSequences(load.generations())
            .contextTokens(4 * load.tokens())
            .stepDelay(Duration.ofNanos(Math.round(1e9 / load.tokensPerSecond())))
            .build();
    submit(spec);
    List<Round> rounds = new ArrayList<>();
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        PromptProducer producer = new PromptProducer(connection, registry);
        ResultReader reader =
            ResultReader.open(
                connection,
                registry,
                EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS),
                new StartPoint.Beginning())) {
      for (int number = 1; number <= load.rounds(); number++) {
        Round round = round(number, producer, reader);
        progress.accept(line(round));
        rounds.add(round);
      }
    }
    try (FakeRuntime runtime = new FakeRuntime(spec)) {
      return BenchmarkReport.of("resume", runtime.info(), load, verdicts(rounds), rounds);
    }
  }

  private void submit(FakeRuntimeSpec spec) {
    Configuration job = new Configuration();
    job.set(CompletionOptions.BOOTSTRAP_SERVERS, cluster.kafka().bootstrapServers());
    job.set(CompletionOptions.SCHEMA_REGISTRY_URL, cluster.registry().url());
    job.set(
        CompletionOptions.CHECKPOINT_INTERVAL,
        Duration.ofMillis(Math.round(1_000 * load.checkpointSeconds())));
    StreamExecutionEnvironment environment = cluster.flink().environment(job);
    environment.setParallelism(1);
    try {
      environment.executeAsync(CompletionJob.build(environment, job, spec).jobName());
    } catch (Exception e) { // declared by executeAsync
      throw StackException.failure(
          "the job could not be submitted: " + e.getMessage(), "see the log", e);
    }
  }

  private Round round(int number, PromptProducer producer, ResultReader reader)
      throws InterruptedException {
    RepeatedTokens tokens = new RepeatedTokens();
    texts.clear();
    completions.clear();
    for (int generation = 0; generation < load.generations(); generation++) {
      producer.send(prompt(number, generation));
    }
    producer.flush();
    long half = (long) load.generations() * load.tokens() / 2;
    readUntil(reader, tokens, () -> tokens.tokens() >= half);
    readFor(reader, tokens, Math.round(1_000 * load.checkpointSeconds() * random.nextDouble()));
    ServerProcess taskManager = cluster.flink().taskManagers().get(0);
    taskManager.kill();
    taskManager.start();
    readUntil(reader, tokens, () -> completions.size() == load.generations());
    long atKill = tokens.interrupted();
    return new Round(
        number,
        atKill,
        tokens.repeated(),
        atKill == 0 ? 1 : (double) tokens.repeated() / atKill,
        inconsistent());
  }

  private PromptRequest prompt(int round, int generation) {
    String id = "round-%d-%d".formatted(round, generation);
    // The model says two words before it repeats the prompt's, and one ends the turn.
    String text = "word ".repeat(load.tokens() - 3).strip();
    return PromptRequest.newBuilder()
        .setRequestId(id)
        .setConversationId(id)
        .setMessages(new ArrayList<>(List.of(new ChatMessage("user", text))))
        .setMetadata(new HashMap<>())
        .setCreatedAt(Instant.now())
        .build();
  }

  private void readFor(ResultReader reader, RepeatedTokens tokens, long millis) {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    readUntil(reader, tokens, () -> System.nanoTime() - endNanos >= 0);
  }

  private void readUntil(ResultReader reader, RepeatedTokens tokens, BooleanSupplier reached) {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw StackException.failure(
            "the generations did not go on within " + LIMIT.toMinutes() + " minutes",
            "see the TaskManager's log",
            null);
      }
      for (ReadRecord record : reader.poll(POLL)) {
        record.value(CompletionChunk.class).ifPresent(chunk -> enter(chunk, tokens));
        record
            .value(Completion.class)
            .ifPresent(completion -> completions.put(completion.getRequestId(), completion));
      }
    }
  }

  private void enter(CompletionChunk chunk, RepeatedTokens tokens) {
    tokens.add(chunk);
    texts.computeIfAbsent(chunk.getRequestId(), ChunkAssembler::new).add(chunk);
  }

  private int inconsistent() {
    return (int)
        completions.values().stream()
            .filter(
                completion -> {
                  ChunkAssembler text = texts.get(completion.getRequestId());
                  return text == null
                      || !text.isComplete()
                      || !text.answer().equals(completion.getAnswer())
                      || text.tokens() != completion.getUsage().getCompletionTokens();
                })
            .count();
  }

  private static List<Verdict> verdicts(List<Round> rounds) {
    return List.of(
        Verdict.atMost(
            TARGET,
            "tokens generated again : tokens generated at the kills, of all kills together",
            (double) rounds.stream().mapToLong(Round::tokensRepeated).sum()
                / Math.max(1, rounds.stream().mapToLong(Round::tokensAtKill).sum())),
        Verdict.atMost(
            0,
            "requests whose chunks do not join to their completion",
            rounds.stream().mapToInt(Round::inconsistent).sum()));
  }

  private static String line(Round round) {
    return String.format(
        Locale.ROOT,
        "kill %d: %d tokens were there, %d were generated again (%.1f%%), %d inconsistent",
        round.round(),
        round.tokensAtKill(),
        round.tokensRepeated(),
        100 * round.share(),
        round.inconsistent());
  }
}
