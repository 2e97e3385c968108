package ai.falaj.jobs.eval;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.ReadRecord;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.client.ResultReader;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Answers problems as a completion job would, by the first word of the question: {@code dead}
 * becomes a dead letter, {@code hang} is not answered, {@code think} reasons and does not answer,
 * {@code say} answers with the words that follow, one per sample.
 */
final class ScriptedSolver implements AutoCloseable {

  private final Connection connection;
  private final SchemaRegistry registry;
  private final ResultReader prompts;
  private final KafkaProducer<String, SpecificRecord> results;
  private final BlockingQueue<PromptRequest> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> cancelledKeys = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "scripted-solver");
  private volatile boolean closed;

  ScriptedSolver(Connection connection) {
    this.connection = connection;
    registry = new ConfluentSchemaRegistry(connection.registry());
    prompts =
        ResultReader.open(
            connection, registry, EnumSet.of(RecordKind.PROMPTS), new StartPoint.End());
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, RecordSerializer.class);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, UUID.randomUUID().toString());
    settings.put(RegistryConfig.URL, connection.registry().displayUrls());
    results = new KafkaProducer<>(connection.clientSettings(settings));
    results.initTransactions();
    thread.start();
  }

  /** Prompts that were read. */
  BlockingQueue<PromptRequest> asked() {
    return asked;
  }

  /** Keys whose cancellation was read. */
  BlockingQueue<String> cancelledKeys() {
    return cancelledKeys;
  }

  private void run() {
    while (!closed) {
      for (ReadRecord message : prompts.poll(Duration.ofMillis(20))) {
        if (message.content() instanceof ReadRecord.Content.Tombstone) {
          cancelledKeys.add(message.key().orElseThrow());
        }
        message
            .value(PromptRequest.class)
            .ifPresent(
                prompt -> {
                  asked.add(prompt);
                  answer(prompt, message);
                });
      }
    }
  }

  private void answer(PromptRequest prompt, ReadRecord message) {
    String question = prompt.getMessages().get(prompt.getMessages().size() - 1).getContent();
    String[] words = question.lines().findFirst().orElseThrow().split(" ");
    switch (words[0]) {
      case "dead" -> publish(RecordKind.DEAD_LETTERS, prompt, deadLetter(prompt, message));
      case "hang" -> {}
      case "think" ->
          publish(RecordKind.COMPLETIONS, prompt, completion(prompt, "\\boxed{4}", List.of("Hm.")));
      default ->
          publish(
              RecordKind.COMPLETIONS,
              prompt,
              completion(prompt, null, List.of(words).subList(1, words.length)));
    }
  }

  /** Publishes a completion of an earlier session's request. */
  void publish(RecordKind kind, PromptRequest prompt, SpecificRecord result) {
    results.beginTransaction();
    results.send(new ProducerRecord<>(connection.topic(kind), prompt.getRequestId(), result));
    results.commitTransaction();
  }

  static Completion completion(PromptRequest prompt, String reasoning, List<String> answers) {
    int samples = prompt.getSampling().getN();
    List<CompletionSample> all =
        IntStream.range(0, samples)
            .mapToObj(
                i ->
                    CompletionSample.newBuilder()
                        .setIndex(i)
                        .setAnswer("I say \\boxed{" + answers.get(i % answers.size()) + "}.")
                        .setReasoning(reasoning)
                        .setFinishReason(FinishReason.STOP)
                        .setCompletionTokens(5)
                        .build())
            .toList();
    return Completion.newBuilder()
        .setRequestId(prompt.getRequestId())
        .setAnswer(reasoning == null ? all.get(0).getAnswer() : answers.get(0))
        .setReasoning(reasoning)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(9, 0, 0, 5 * samples))
        .setTimings(new Timings(10L, 20L, 110L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("scripted")
                .setEngine("scripted")
                .setEngineVersion("1")
                .setSeed(7L)
                .setSampling(prompt.getSampling())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.now())
        .setSamples(samples == 1 ? List.of() : all)
        .build();
  }

  private static DeadLetter deadLetter(PromptRequest prompt, ReadRecord message) {
    return DeadLetter.newBuilder()
        .setRequestId(prompt.getRequestId())
        .setSourceTopic(message.topic())
        .setSourcePartition(message.partition())
        .setSourceOffset(message.offset())
        .setErrorCode(ErrorCode.PROMPT_TOO_LONG)
        .setMessage("the prompt has 9000 tokens; at most 2047 are served")
        .setFailedAt(Instant.now())
        .build();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    prompts.close();
    results.close();
    registry.close();
  }
}
