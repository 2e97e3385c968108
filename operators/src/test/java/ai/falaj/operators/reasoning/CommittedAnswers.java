package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A sink with transactions, as Kafka's: what a writer got counts once its checkpoint is complete. A
 * transaction that is committed again counts once. Records stay in this JVM; committables name
 * their transaction.
 */
final class CommittedAnswers<T extends SpecificRecord>
    implements Sink<OutputRecord<T>>, SupportsCommitter<UUID> {

  private static final long serialVersionUID = 1L;

  private static final Map<UUID, List<OutputRecord<?>>> WRITTEN = new ConcurrentHashMap<>();
  private static final Map<String, Map<UUID, List<OutputRecord<?>>>> COMMITTED =
      new ConcurrentHashMap<>();

  private final String name;

  CommittedAnswers(String name) {
    this.name = name;
    COMMITTED.put(name, new ConcurrentHashMap<>());
  }

  List<String> keys() {
    return COMMITTED.get(name).values().stream()
        .flatMap(List::stream)
        .map(record -> record.key().orElseThrow())
        .toList();
  }

  @SuppressWarnings("unchecked")
  <R extends T> List<R> values() {
    return COMMITTED.get(name).values().stream()
        .flatMap(List::stream)
        .map(record -> (R) record.value())
        .toList();
  }

  @Override
  public CommittingSinkWriter<OutputRecord<T>, UUID> createWriter(WriterInitContext context) {
    return new Writer<>();
  }

  @Override
  public Committer<UUID> createCommitter(CommitterInitContext context) {
    Map<UUID, List<OutputRecord<?>>> committed = COMMITTED.get(name);
    return new Committer<>() {
      @Override
      public void commit(Collection<CommitRequest<UUID>> requests) {
        for (CommitRequest<UUID> request : requests) {
          committed.put(request.getCommittable(), WRITTEN.get(request.getCommittable()));
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public SimpleVersionedSerializer<UUID> getCommittableSerializer() {
    return new IdSerializer();
  }

  private static final class Writer<T extends SpecificRecord>
      implements CommittingSinkWriter<OutputRecord<T>, UUID> {
    private List<OutputRecord<?>> open = new ArrayList<>();

    @Override
    public void write(OutputRecord<T> element, Context context) {
      open.add(element);
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public Collection<UUID> prepareCommit() {
      UUID id = UUID.randomUUID();
      WRITTEN.put(id, open);
      open = new ArrayList<>();
      return List.of(id);
    }

    @Override
    public void close() {}
  }

  private static final class IdSerializer implements SimpleVersionedSerializer<UUID> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(UUID id) {
      return ByteBuffer.allocate(16)
          .putLong(id.getMostSignificantBits())
          .putLong(id.getLeastSignificantBits())
          .array();
    }

    @Override
    public UUID deserialize(int version, byte[] serialized) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(serialized);
      return new UUID(bytes.getLong(), bytes.getLong());
    }
  }
}
