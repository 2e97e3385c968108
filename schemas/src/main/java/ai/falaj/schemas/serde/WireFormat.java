package ai.falaj.schemas.serde;

import ai.falaj.schemas.ErrorCode;
import java.nio.ByteBuffer;

/**
 * Confluent's wire format: a zero byte, the schema's id as four bytes, big-endian, then the record
 * as Avro writes it.
 */
final class WireFormat {

  static final byte MAGIC = 0;
  static final int HEADER_LENGTH = 5;

  private WireFormat() {}

  /**
   * @throws UndecodableRecordException where the bytes do not begin as records do
   */
  static int schemaId(String topic, byte[] record) {
    if (record.length < HEADER_LENGTH) {
      throw new UndecodableRecordException(
          ErrorCode.UNDECODABLE_RECORD,
          "A record of "
              + topic
              + " has "
              + record.length
              + " bytes; Confluent's wire format begins with "
              + HEADER_LENGTH);
    }
    if (record[0] != MAGIC) {
      throw new UndecodableRecordException(
          ErrorCode.UNDECODABLE_RECORD,
          "A record of "
              + topic
              + " begins with byte "
              + (record[0] & 0xff)
              + ", not 0; write it with a serializer that uses the schema registry");
    }
    return ByteBuffer.wrap(record, 1, Integer.BYTES).getInt();
  }
}
