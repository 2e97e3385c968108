package ai.falaj.jobs.client;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;

/**
 * Records as JSON documents with the names of the schema: times as ISO-8601, bytes in Base64,
 * fields without a value left out. Pure.
 */
public final class RecordJson {

  private RecordJson() {}

  public static Map<String, Object> document(IndexedRecord value) {
    Map<String, Object> document = new LinkedHashMap<>();
    for (Schema.Field field : value.getSchema().getFields()) {
      Object content = value.get(field.pos());
      if (content != null) {
        document.put(field.name(), json(content));
      }
    }
    return document;
  }

  /** The record with its place; {@code value} or, for bytes that are no record, {@code error}. */
  static Map<String, Object> document(ReadRecord message) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("topic", message.topic());
    document.put("partition", message.partition());
    document.put("offset", message.offset());
    document.put("timestamp", message.timestamp().toString());
    document.put("key", message.key().orElse(null));
    if (message.content() instanceof ReadRecord.Content.Decoded decoded) {
      document.put("value", document(decoded.value()));
    } else if (message.content() instanceof ReadRecord.Content.Undecodable bad) {
      document.put(
          "error",
          Map.of("code", bad.code().name(), "message", bad.message(), "bytes", bad.bytes()));
    } else {
      document.put("value", null);
    }
    return document;
  }

  private static Object json(Object content) {
    if (content instanceof IndexedRecord inner) {
      return document(inner);
    }
    if (content instanceof List<?> list) {
      return list.stream().map(RecordJson::json).toList();
    }
    if (content instanceof ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      return Base64.getEncoder().encodeToString(copy);
    }
    if (content instanceof Instant || content instanceof Enum<?>) {
      return content.toString();
    }
    return content;
  }
}
