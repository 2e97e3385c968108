package ai.falaj.jobs.enrich.rows;

/** Reads records of the input. Confined to one thread. */
public interface RowReader {

  /**
   * @param origin topic or file, for messages
   * @throws UnreadableRowException where the bytes are no record
   */
  Row read(String origin, byte[] value) throws UnreadableRowException;
}
