package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.IsolationLevel;

/** The topic of dead letters as both commands open and read it. Confined to one thread. */
final class LetterAccess implements AutoCloseable {

  private final SchemaRegistry registry;
  private final DeadLetterTopic topic;

  private LetterAccess(SchemaRegistry registry, DeadLetterTopic topic) {
    this.registry = registry;
    this.topic = topic;
  }

  static LetterAccess open(Connection connection) {
    SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
    Consumer<byte[], byte[]> committed =
        KafkaClients.consumer(connection, IsolationLevel.READ_COMMITTED);
    Consumer<byte[], byte[]> uncommitted =
        KafkaClients.consumer(connection, IsolationLevel.READ_UNCOMMITTED);
    return new LetterAccess(
        registry,
        new DeadLetterTopic(
            connection.topic(RecordKind.DEAD_LETTERS),
            committed,
            uncommitted,
            new RecordDeserializer<>(DeadLetter.class, registry)));
  }

  DeadLetterTopic topic() {
    return topic;
  }

  /** Finds the letters, with progress where it takes long. */
  LetterIndex index(LetterFilter filter, Console console) {
    try (ProgressBar progress = console.progress("reading letters", ProgressBar.Unit.COUNT)) {
      AtomicLong all = new AtomicLong();
      return topic.index(
          filter,
          left -> {
            all.accumulateAndGet(left, Math::max);
            progress.update(all.get() - left, OptionalLong.of(all.get()));
          });
    }
  }

  @Override
  public void close() {
    topic.close();
    registry.close();
  }
}
