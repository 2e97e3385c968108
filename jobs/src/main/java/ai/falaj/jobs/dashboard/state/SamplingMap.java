package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.CutText;
import ai.falaj.schemas.SamplingParameters;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** Sampling parameters by name, those that are set. Stateless. */
final class SamplingMap {

  private static final int LONGEST = 2_000;

  private SamplingMap() {}

  /**
   * @param parameters null: none is set
   * @param visible false leaves out texts: stop strings, schemas, choices
   */
  static Map<String, Object> of(SamplingParameters parameters, boolean visible) {
    Map<String, Object> values = new LinkedHashMap<>();
    if (parameters == null) {
      return values;
    }
    for (Schema.Field field : parameters.getSchema().getFields()) {
      Object value = parameters.get(field.pos());
      if (value instanceof Number || value instanceof Boolean) {
        values.put(AvroMap.camelCase(field.name()), value);
      } else if (visible && isSet(value)) {
        values.put(AvroMap.camelCase(field.name()), CutText.beginning(value.toString(), LONGEST));
      }
    }
    return values;
  }

  private static boolean isSet(Object value) {
    return value != null
        && !(value instanceof Collection<?> list && list.isEmpty())
        && !(value instanceof Map<?, ?> map && map.isEmpty());
  }
}
