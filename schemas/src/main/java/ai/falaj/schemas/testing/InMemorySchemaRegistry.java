package ai.falaj.schemas.testing;

import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * A registry in memory that keeps subjects BACKWARD-compatible, numbers schemas from 1, and can be
 * told to fail. For tests. Any thread.
 */
public final class InMemorySchemaRegistry implements SchemaRegistry {

  private final List<Schema> schemas = new ArrayList<>();
  private final Map<String, List<Integer>> subjects = new HashMap<>();
  private Kind failure;
  private int calls;

  /** From now on every call fails with this kind, until {@link #recover()}. */
  public synchronized void failWith(Kind kind) {
    failure = kind;
  }

  public synchronized void recover() {
    failure = null;
  }

  /** Calls so far, failed ones included. */
  public synchronized int calls() {
    return calls;
  }

  @Override
  public synchronized int register(String subject, Schema schema) {
    beginCall();
    List<Integer> ids = subjects.computeIfAbsent(subject, s -> new ArrayList<>());
    if (!ids.isEmpty() && !canRead(schema, schemas.get(ids.get(ids.size() - 1) - 1))) {
      throw new SchemaRegistryException(
          Kind.INCOMPATIBLE, schema.getFullName() + " cannot read the latest schema of " + subject);
    }
    int id = schemas.indexOf(schema) + 1;
    if (id == 0) {
      schemas.add(schema);
      id = schemas.size();
    }
    if (!ids.contains(id)) {
      ids.add(id);
    }
    return id;
  }

  @Override
  public synchronized int schemaId(String subject, Schema schema) {
    beginCall();
    int id = schemas.indexOf(schema) + 1;
    if (!subjects.getOrDefault(subject, List.of()).contains(id)) {
      throw new SchemaRegistryException(
          Kind.NOT_FOUND, subject + " does not hold the schema " + schema.getFullName());
    }
    return id;
  }

  @Override
  public synchronized Schema schemaById(int id) {
    beginCall();
    if (id < 1 || id > schemas.size()) {
      throw new SchemaRegistryException(Kind.NOT_FOUND, "No schema has the id " + id);
    }
    return schemas.get(id - 1);
  }

  @Override
  public synchronized Schema latestSchema(String subject) {
    beginCall();
    List<Integer> ids = subjects.getOrDefault(subject, List.of());
    if (ids.isEmpty()) {
      throw new SchemaRegistryException(Kind.NOT_FOUND, "There is no subject " + subject);
    }
    return schemas.get(ids.get(ids.size() - 1) - 1);
  }

  @Override
  public void close() {}

  private void beginCall() {
    calls++;
    if (failure != null) {
      throw new SchemaRegistryException(failure, "The registry was told to fail: " + failure);
    }
  }

  private static boolean canRead(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        == SchemaCompatibilityType.COMPATIBLE;
  }
}
