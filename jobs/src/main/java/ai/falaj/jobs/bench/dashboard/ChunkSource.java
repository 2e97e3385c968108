package ai.falaj.jobs.bench.dashboard;

import ai.falaj.benchmarks.paced.Stamps;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.RecordSerializer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes the chunks and completions of generations at a steady pace. The text of a chunk is the
 * time just before it was handed to the producer. A chunk that is late does not delay the ones
 * after it. A completion comes a second after its last chunk, as with a checkpoint. Confined to one
 * thread.
 */
final class ChunkSource implements AutoCloseable {

  private final Connection connection;
  private final DashboardLoad load;
  private final KafkaProducer<String, SpecificRecord> producer;
  private final StringBuilder[] texts;
  private final Deque<Ending> endings = new ArrayDeque<>();
  private int sent;

  /** A completion, and how many chunks are sent before it: as many as in a second. */
  private record Ending(int dueAtChunk, Completion completion) {}

  ChunkSource(Connection connection, DashboardLoad load) {
    this.connection = connection;
    this.load = load;
    this.texts =
        Stream.generate(StringBuilder::new).limit(load.generations()).toArray(StringBuilder[]::new);
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, RecordSerializer.class);
    settings.put(RegistryConfig.URL, connection.registry().displayUrls());
    this.producer = new KafkaProducer<>(connection.clientSettings(settings));
  }

  /**
   * Writes for so long.
   *
   * @return chunks that were written
   */
  int run(int seconds) {
    long startNanos = System.nanoTime();
    long intervalNanos = TimeUnit.SECONDS.toNanos(1) / load.chunksPerSecond();
    int count = seconds * load.chunksPerSecond();
    for (int number = 0; number < count; number++) {
      long waitNanos = startNanos + number * intervalNanos - System.nanoTime();
      if (waitNanos > 0) {
        LockSupport.parkNanos(waitNanos);
      }
      send();
      sendEndings();
    }
    producer.flush();
    return count;
  }

  private void sendEndings() {
    while (!endings.isEmpty() && endings.peek().dueAtChunk() <= sent) {
      Completion completion = endings.remove().completion();
      producer.send(
          new ProducerRecord<>(
              connection.topic(RecordKind.COMPLETIONS), completion.getRequestId(), completion));
    }
  }

  /** In turn, one chunk of each generation. */
  private void send() {
    int turn = sent / load.generations();
    int sequence = turn % load.chunks();
    String id = "stream-" + sent % load.generations() + "-" + turn / load.chunks();
    boolean isLast = sequence == load.chunks() - 1;
    StringBuilder answer = texts[sent % load.generations()];
    String text = Stamps.text(Stamps.nowMicros());
    answer.append(text);
    sent++;
    CompletionChunk chunk =
        CompletionChunk.newBuilder()
            .setRequestId(id)
            .setAttempt(1)
            .setSequence(sequence)
            .setTokenOffset(sequence)
            .setTokenCount(1)
            .setChannel(Channel.ANSWER)
            .setText(text)
            .setFinishReason(isLast ? FinishReason.STOP : null)
            .setEmittedAt(Instant.now())
            .build();
    producer.send(new ProducerRecord<>(connection.topic(RecordKind.CHUNKS), id, chunk));
    if (isLast) {
      endings.add(new Ending(sent + load.chunksPerSecond(), completion(id, answer.toString())));
      answer.setLength(0);
    }
  }

  private Completion completion(String id, String answer) {
    return Completion.newBuilder()
        .setRequestId(id)
        .setAnswer(answer)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(20, 0, 0, load.chunks()))
        .setTimings(new Timings(1L, 50L, 4_000L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("stream")
                .setEngine("none")
                .setEngineVersion("1")
                .setSeed(1L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(Instant.now())
        .build();
  }

  @Override
  public void close() {
    producer.close();
  }
}
