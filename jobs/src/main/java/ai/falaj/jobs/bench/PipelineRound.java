package ai.falaj.jobs.bench;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One round of the load through the job: prompts to one topic, tokens and completions from the
 * others. Confined to one thread.
 */
final class PipelineRound {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration STALL_LIMIT = Duration.ofMinutes(2);

  private final Connection connection;
  private final SchemaRegistry registry;
  private final PipelineLoad load;

  PipelineRound(Connection connection, SchemaRegistry registry, PipelineLoad load) {
    this.connection = connection;
    this.registry = registry;
    this.load = load;
  }

  /**
   * What a round came to.
   *
   * @param committedAfterMs from the last token read until the last completion read
   */
  record Outcome(double tokensPerSecond, long committedAfterMs) {}

  /**
   * Runs one round.
   *
   * @param name makes the round's request ids unique
   * @throws CliException if nothing comes for two minutes, or a request became a dead letter
   */
  Outcome run(String name) {
    Set<RecordKind> results =
        EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);
    try (ResultReader reader =
            ResultReader.open(connection, registry, results, new StartPoint.End());
        PromptProducer producer = new PromptProducer(connection, registry)) {
      Progress progress = new Progress(name);
      long startNanos = System.nanoTime();
      for (int index = 0; index < load.requests(); index++) {
        producer.send(request(name, index));
      }
      producer.flush();
      long lastTokenNanos = startNanos;
      long lastNewsNanos = startNanos;
      while (progress.completions.size() < load.requests()) {
        boolean streaming = progress.finishedStreams.size() < load.requests();
        int before = progress.seen;
        reader.poll(POLL).forEach(progress::take);
        long now = System.nanoTime();
        lastTokenNanos = streaming ? now : lastTokenNanos;
        lastNewsNanos = progress.seen > before ? now : lastNewsNanos;
        if (now - lastNewsNanos > STALL_LIMIT.toNanos()) {
          throw CliException.failure(
              "%d of %d completions came, then nothing for two minutes"
                  .formatted(progress.completions.size(), load.requests()),
              "see the log");
        }
      }
      long committedAfterMs = (System.nanoTime() - lastTokenNanos) / 1_000_000;
      double seconds = (lastTokenNanos - startNanos) / NANOS_PER_SECOND;
      return new Outcome(progress.tokens() / seconds, committedAfterMs);
    }
  }

  private PromptRequest request(String name, int index) {
    List<ChatMessage> messages =
        load.messages(index).stream()
            .map(message -> new ChatMessage(message.role(), message.content()))
            .toList();
    SamplingParameters sampling =
        SamplingParameters.newBuilder().setTemperature(0.0).setMaxTokens(load.newTokens()).build();
    return PromptRequest.newBuilder()
        .setRequestId(name + "-" + index)
        .setMessages(messages)
        .setSampling(sampling)
        .setCreatedAt(Instant.now())
        .build();
  }

  /** What was read of this round. */
  private static final class Progress {
    private final String prefix;
    private final Set<String> finishedStreams = new HashSet<>();
    private final Map<String, Integer> completions = new HashMap<>();
    private int seen;

    Progress(String name) {
      this.prefix = name + "-";
    }

    void take(ReadRecord record) {
      String requestId = record.requestId().orElse("");
      if (!requestId.startsWith(prefix)) {
        return;
      }
      seen++;
      record
          .value(CompletionChunk.class)
          .filter(chunk -> chunk.getFinishReason() != null)
          .ifPresent(chunk -> finishedStreams.add(requestId));
      record
          .value(Completion.class)
          .ifPresent(
              completion ->
                  completions.put(requestId, completion.getUsage().getCompletionTokens()));
      record
          .value(DeadLetter.class)
          .ifPresent(
              letter -> {
                throw CliException.failure(
                    "request " + requestId + " became a dead letter: " + letter.getMessage(),
                    "see the log");
              });
    }

    long tokens() {
      return completions.values().stream().mapToLong(Integer::longValue).sum();
    }
  }
}
