package ai.falaj.schemas.registry;

import java.io.Closeable;
import org.apache.avro.Schema;

/**
 * What serializers and deserializers ask of a schema registry.
 *
 * <p>Implementations may be called from any thread. Calls may block on the network for as long as
 * the configured timeouts; answers are cached, so that the path of a record blocks only for a
 * schema that was not seen yet. Whatever the registry or the network does wrong surfaces as {@link
 * SchemaRegistryException}.
 */
public interface SchemaRegistry extends Closeable {

  /**
   * Registers a schema under a subject, or finds it there.
   *
   * @return the schema's id, the same for the same schema
   * @throws SchemaRegistryException of kind INCOMPATIBLE where the subject's rules refuse the
   *     schema
   */
  int register(String subject, Schema schema);

  /**
   * The id of a schema that is registered under a subject; registers nothing.
   *
   * @throws SchemaRegistryException of kind NOT_FOUND where the subject does not hold it
   */
  int schemaId(String subject, Schema schema);

  /**
   * The schema of an id.
   *
   * @throws SchemaRegistryException of kind NOT_FOUND where no schema has this id, INCOMPATIBLE
   *     where it is no Avro schema
   */
  Schema schemaById(int id);

  /**
   * The newest schema of a subject. Asks the registry every time.
   *
   * @throws SchemaRegistryException of kind NOT_FOUND where there is no such subject, INCOMPATIBLE
   *     where its newest schema is no Avro schema
   */
  Schema latestSchema(String subject);

  /**
   * Releases connections and caches; other calls then throw IllegalStateException. Calling it again
   * does nothing.
   */
  @Override
  void close();
}
