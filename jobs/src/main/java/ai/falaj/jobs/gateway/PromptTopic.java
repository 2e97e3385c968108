package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of prompts. A client waits for an answer, so a prompt that cannot be written soon is
 * given up within seconds; the settings of the connection win over the bounds set here. Any thread;
 * a call blocks for some seconds at most, where the producer's buffer is full.
 */
final class PromptTopic implements Prompts, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PromptTopic.class);

  /** A body's text, and what is added to it. */
  private static final int LARGEST_RECORD = Gateway.MOST_BODY_BYTES + (1 << 20);

  private static final Map<String, String> IMPATIENT =
      Map.of(
          ProducerConfig.MAX_BLOCK_MS_CONFIG, "5000",
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000",
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "10000",
          ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(LARGEST_RECORD));

  private final PromptProducer producer;

  /**
   * Connects with the first prompt.
   *
   * @param registry stays the caller's
   */
  PromptTopic(Connection connection, SchemaRegistry registry) {
    Map<String, String> settings = new HashMap<>(IMPATIENT);
    settings.putAll(connection.settings());
    producer =
        new PromptProducer(
            new Connection(
                connection.bootstrapServers(),
                connection.registry(),
                settings,
                connection.topics()),
            registry);
  }

  @Override
  public CompletableFuture<?> send(PromptRequest prompt) {
    return written(prompt.getRequestId(), () -> producer.send(prompt));
  }

  @Override
  public CompletableFuture<?> cancel(String requestId) {
    return written(requestId, () -> producer.cancel(requestId));
  }

  private static CompletableFuture<?> written(
      String requestId, Supplier<CompletableFuture<?>> write) {
    CompletableFuture<?> sent;
    try {
      sent = write.get();
    } catch (KafkaException | SchemaRegistryException e) {
      sent = CompletableFuture.failedFuture(e); // A full buffer, or no registry.
    }
    CompletableFuture<Void> told = new CompletableFuture<>();
    sent.whenComplete(
        (metadata, failure) -> {
          if (failure == null) {
            told.complete(null);
          } else {
            LOG.warn("{} could not be written or cancelled", requestId, failure);
            told.completeExceptionally(explained(failure));
          }
        });
    return told;
  }

  static WebException explained(Throwable failure) {
    return failure instanceof RecordTooLargeException
        ? Failures.promptTooLarge()
        : Failures.brokerUnavailable();
  }

  @Override
  public void close() {
    producer.close();
  }
}
