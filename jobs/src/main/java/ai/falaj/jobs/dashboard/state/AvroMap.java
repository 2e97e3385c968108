package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.Names;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;

/**
 * Rows of the analytics job as the API has them: names in camel case, times in ms, nulls left out,
 * texts of a bounded length. Stateless.
 */
final class AvroMap {

  private AvroMap() {}

  static Map<String, Object> of(IndexedRecord row) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Schema.Field field : row.getSchema().getFields()) {
      Object value = row.get(field.pos());
      if (value != null) {
        map.put(camelCase(field.name()), value(value));
      }
    }
    return map;
  }

  private static Object value(Object value) {
    if (value instanceof IndexedRecord inner) {
      return of(inner);
    }
    if (value instanceof Instant time) {
      return time.toEpochMilli();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(AvroMap::value).toList();
    }
    if (value instanceof Map<?, ?> entries) {
      Map<String, Object> map = new LinkedHashMap<>();
      entries.forEach((key, entry) -> map.put(Names.bounded(key.toString()), value(entry)));
      return map;
    }
    return value instanceof Number || value instanceof Boolean
        ? value
        : Names.bounded(value.toString());
  }

  /** {@code window_start} becomes {@code windowStart}. */
  static String camelCase(String name) {
    StringBuilder camel = new StringBuilder();
    for (String word : name.split("_")) {
      camel.append(
          camel.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return camel.toString();
  }
}
