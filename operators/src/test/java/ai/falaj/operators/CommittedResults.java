package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A sink with transactions, as Kafka's: what a writer got counts once its checkpoint is complete. A
 * transaction that is committed again after a failure counts once.
 */
final class CommittedResults
    implements Sink<OutputRecord<Completion>>, SupportsCommitter<CommittedResults.Transaction> {

  private static final long serialVersionUID = 1L;

  private static final Map<String, Map<UUID, List<String>>> COMMITTED = new ConcurrentHashMap<>();

  private final String name;

  CommittedResults(String name) {
    this.name = name;
    COMMITTED.put(name, new ConcurrentHashMap<>());
  }

  /** As {@code request id#attempts}, of all committed transactions. */
  List<String> values() {
    return COMMITTED.get(name).values().stream().flatMap(List::stream).toList();
  }

  record Transaction(UUID id, List<String> values) {}

  @Override
  public CommittingSinkWriter<OutputRecord<Completion>, Transaction> createWriter(
      WriterInitContext context) {
    return new Writer();
  }

  @Override
  public Committer<Transaction> createCommitter(CommitterInitContext context) {
    Map<UUID, List<String>> committed = COMMITTED.get(name);
    return new Committer<>() {
      @Override
      public void commit(Collection<CommitRequest<Transaction>> requests) {
        for (CommitRequest<Transaction> request : requests) {
          committed.put(request.getCommittable().id(), request.getCommittable().values());
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public SimpleVersionedSerializer<Transaction> getCommittableSerializer() {
    return new TransactionSerializer();
  }

  private static final class Writer
      implements CommittingSinkWriter<OutputRecord<Completion>, Transaction> {
    private List<String> open = new ArrayList<>();

    @Override
    public void write(OutputRecord<Completion> element, Context context) {
      Completion completion = element.value();
      open.add(completion.getRequestId() + "#" + completion.getProvenance().getAttempts());
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public Collection<Transaction> prepareCommit() {
      Transaction transaction = new Transaction(UUID.randomUUID(), open);
      open = new ArrayList<>();
      return List.of(transaction);
    }

    @Override
    public void close() {}
  }

  private static final class TransactionSerializer
      implements SimpleVersionedSerializer<Transaction> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Transaction transaction) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(transaction.id().toString());
      out.writeInt(transaction.values().size());
      for (String value : transaction.values()) {
        out.writeUTF(value);
      }
      return bytes.toByteArray();
    }

    @Override
    public Transaction deserialize(int version, byte[] serialized) throws IOException {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      UUID id = UUID.fromString(in.readUTF());
      List<String> values = new ArrayList<>();
      int size = in.readInt();
      for (int i = 0; i < size; i++) {
        values.add(in.readUTF());
      }
      return new Transaction(id, values);
    }
  }
}
