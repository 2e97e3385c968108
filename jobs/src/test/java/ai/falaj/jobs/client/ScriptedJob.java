package ai.falaj.jobs.client;

import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.TokenLogprob;
import ai.falaj.schemas.TopLogprob;
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
 * Answers prompts by what they say, as a completion job would: chunks at once, results in
 * transactions. {@code think} reasons first, {@code restart} begins anew, {@code dead} becomes a
 * dead letter, {@code hang} begins and never ends; anything else is answered, as often and with
 * logprobs as the request asks.
 */
public final class ScriptedJob implements AutoCloseable {

  private final Connection connection;
  private final SchemaRegistry registry;
  private final ResultReader prompts;
  private final KafkaProducer<String, SpecificRecord> chunks;
  private final KafkaProducer<String, SpecificRecord> results;
  private final BlockingQueue<String> cancelledKeys = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "scripted-job");
  private volatile boolean closed;

  public ScriptedJob(Connection connection) {
    this.connection = connection;
    registry = new ConfluentSchemaRegistry(connection.registry());
    prompts =
        ResultReader.open(
            connection, registry, EnumSet.of(RecordKind.PROMPTS), new StartPoint.Beginning());
    chunks = producer(Map.of());
    results =
        producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, UUID.randomUUID().toString()));
    results.initTransactions();
    thread.start();
  }

  private KafkaProducer<String, SpecificRecord> producer(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, RecordSerializer.class);
    all.put(RegistryConfig.URL, connection.registry().displayUrls());
    return new KafkaProducer<>(connection.clientSettings(all));
  }

  /** Keys whose cancellation was read. */
  public BlockingQueue<String> cancelledKeys() {
    return cancelledKeys;
  }

  private void run() {
    while (!closed) {
      for (ReadRecord message : prompts.poll(Duration.ofMillis(20))) {
        if (message.content() instanceof ReadRecord.Content.Tombstone) {
          cancelledKeys.add(message.key().orElseThrow());
        }
        message.value(PromptRequest.class).ifPresent(prompt -> answer(prompt, message));
      }
    }
  }

  private void answer(PromptRequest prompt, ReadRecord message) {
    String id = prompt.getRequestId();
    switch (prompt.getMessages().get(prompt.getMessages().size() - 1).getContent()) {
      case "dead" -> publish(RecordKind.DEAD_LETTERS, id, deadLetter(id, message));
      case "hang" -> chunk(id, 1, 0, Channel.ANSWER, "Hel", null);
      case "restart" -> {
        chunk(id, 1, 0, Channel.ANSWER, "Good ", null);
        chunk(id, 1, 1, Channel.ANSWER, "evening", null);
        chunk(id, 2, 0, 1, Channel.ANSWER, "morning", FinishReason.STOP);
        publish(RecordKind.COMPLETIONS, id, completion(id, null, "Good morning"));
      }
      case "think" -> {
        chunk(id, 1, 0, Channel.REASONING, "2 and 2", null);
        chunk(id, 1, 1, Channel.ANSWER, "4", FinishReason.STOP);
        publish(RecordKind.COMPLETIONS, id, completion(id, "2 and 2", "4"));
      }
      case "samples" -> {
        int samples = prompt.getSampling().getN();
        for (int sample = 0; sample < samples; sample++) {
          chunks.send(chunkOfSample(id, sample, 0, "Answer ", null));
        }
        for (int sample = 0; sample < samples; sample++) {
          chunks.send(chunkOfSample(id, sample, 1, "number " + sample, FinishReason.STOP));
        }
        chunks.flush();
        publish(RecordKind.COMPLETIONS, id, ofSamples(id, samples));
      }
      default -> {
        chunk(id, 1, 0, Channel.ANSWER, "Hello ", null);
        chunk(id, 1, 1, Channel.ANSWER, "from ", null);
        chunk(id, 1, 2, Channel.ANSWER, "Falaj", FinishReason.STOP);
        publish(RecordKind.COMPLETIONS, id, completion(id, null, "Hello from Falaj"));
      }
    }
  }

  private void chunk(
      String id, int attempt, int sequence, Channel channel, String text, FinishReason end) {
    chunk(id, attempt, sequence, sequence, channel, text, end);
  }

  private void chunk(
      String id,
      int attempt,
      int sequence,
      int offset,
      Channel channel,
      String text,
      FinishReason end) {
    CompletionChunk chunk =
        new CompletionChunk(
            id, attempt, sequence, offset, 1, channel, text, end, Instant.now(), 0, 0);
    chunks.send(new ProducerRecord<>(connection.topic(RecordKind.CHUNKS), id, chunk));
    chunks.flush();
  }

  private ProducerRecord<String, SpecificRecord> chunkOfSample(
      String id, int sample, int sequence, String text, FinishReason end) {
    CompletionChunk chunk =
        new CompletionChunk(
            id, 1, sequence, sequence, 1, Channel.ANSWER, text, end, Instant.now(), sample, 0);
    return new ProducerRecord<>(connection.topic(RecordKind.CHUNKS), id, chunk);
  }

  private static Completion ofSamples(String id, int samples) {
    List<CompletionSample> all =
        IntStream.range(0, samples)
            .mapToObj(
                index ->
                    new CompletionSample(
                        index,
                        "Answer number " + index,
                        null,
                        FinishReason.STOP,
                        0,
                        2,
                        List.of(
                            logprob(1, "Answer ", -0.5f), logprob(2, "number " + index, -1.25f))))
            .toList();
    return Completion.newBuilder(completion(id, null, "Answer number 0"))
        .setSamples(all)
        .setLogprobs(all.get(0).getLogprobs())
        .build();
  }

  private static TokenLogprob logprob(int token, String text, float logprob) {
    return new TokenLogprob(token, text, logprob, List.of(new TopLogprob(token, text, logprob)));
  }

  private void publish(RecordKind kind, String id, SpecificRecord result) {
    results.beginTransaction();
    results.send(new ProducerRecord<>(connection.topic(kind), id, result));
    results.commitTransaction();
  }

  private static Completion completion(String id, String reasoning, String answer) {
    return Completion.newBuilder()
        .setRequestId(id)
        .setAnswer(answer)
        .setReasoning(reasoning)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(9, 0, 0, 3))
        .setTimings(new Timings(0L, 5L, 20L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("scripted")
                .setEngine("scripted")
                .setEngineVersion("1")
                .setSeed(7L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.now())
        .build();
  }

  private static DeadLetter deadLetter(String id, ReadRecord message) {
    return DeadLetter.newBuilder()
        .setRequestId(id)
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
    chunks.close();
    results.close();
    registry.close();
  }
}
