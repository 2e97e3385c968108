package ai.falaj.jobs.client;

import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends prompts and cancels them. The key of a prompt is its conversation, so that the turns of one
 * stay in order on one partition, or else its request id. Each prompt carries a W3C {@code
 * traceparent} header, the root of its trace.
 *
 * <p>Idempotent and acknowledged by all replicas: a prompt is in the topic once, or its future
 * fails. Any thread.
 */
public final class PromptProducer implements AutoCloseable {

  /** Header with the W3C trace context of a prompt and of what became of it. */
  public static final String TRACEPARENT = "traceparent";

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final String topic;
  private final Producer<String, PromptRequest> producer;

  /**
   * Connects to the broker with the first prompt.
   *
   * @param registry stays the caller's
   */
  public PromptProducer(Connection connection, SchemaRegistry registry) {
    topic = connection.topic(RecordKind.PROMPTS);
    producer =
        new KafkaProducer<>(
            connection.clientSettings(
                Map.of(
                    ProducerConfig.CLIENT_ID_CONFIG,
                    "falaj-prompts",
                    ProducerConfig.ACKS_CONFIG,
                    "all",
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    true,
                    ProducerConfig.LINGER_MS_CONFIG,
                    5,
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    30_000,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    10_000,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                    30_000)),
            new StringSerializer(),
            new RecordSerializer<>(PromptRequest.class, registry, connection.registersSchemas()));
  }

  /** Queues a prompt; blocks only while the producer's buffer is full. */
  public CompletableFuture<RecordMetadata> send(PromptRequest prompt) {
    ProducerRecord<String, PromptRequest> message =
        new ProducerRecord<>(topic, key(prompt), prompt);
    message.headers().add(TRACEPARENT, newTraceparent().getBytes(StandardCharsets.US_ASCII));
    return send(message);
  }

  /**
   * Asks for the end of a prompt: a record with its key and no value. It cancels all prompts of the
   * key, so of the whole conversation where there is one.
   */
  public CompletableFuture<RecordMetadata> cancel(PromptRequest prompt) {
    return cancel(key(prompt));
  }

  /**
   * Likewise, for who does not hold the prompt any longer.
   *
   * @param key of its record: the conversation, or else the request id
   */
  public CompletableFuture<RecordMetadata> cancel(String key) {
    return send(new ProducerRecord<>(topic, key, null));
  }

  private CompletableFuture<RecordMetadata> send(ProducerRecord<String, PromptRequest> message) {
    CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
    producer.send(
        message,
        (metadata, failure) -> {
          if (failure == null) {
            sent.complete(metadata);
          } else {
            sent.completeExceptionally(failure);
          }
        });
    return sent;
  }

  /** Waits until everything that was queued is acknowledged or has failed. */
  public void flush() {
    producer.flush();
  }

  static String key(PromptRequest prompt) {
    return prompt.getConversationId() == null ? prompt.getRequestId() : prompt.getConversationId();
  }

  /** Version 00, random ids, sampled: https://www.w3.org/TR/trace-context/#traceparent-header. */
  private static String newTraceparent() {
    HexFormat hex = HexFormat.of();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    // An id of zeros is invalid; the lowest bit keeps it from being one.
    String trace = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1);
    return "00-" + trace + "-" + hex.toHexDigits(random.nextLong() | 1) + "-01";
  }

  /** Sends what is queued, for some seconds at most. */
  @Override
  public void close() {
    producer.close(CLOSE_LIMIT);
  }
}
