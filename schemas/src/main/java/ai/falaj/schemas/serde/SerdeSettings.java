package ai.falaj.schemas.serde;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Reads a Kafka client's configuration, whose values may be strings or objects. */
final class SerdeSettings {

  private SerdeSettings() {}

  static void requireValueSide(Class<?> serde, boolean isKey) {
    if (isKey) {
      throw new ConfigException(
          serde.getSimpleName()
              + " is for values; keys are UTF-8 strings: use StringSerializer and"
              + " StringDeserializer");
    }
  }

  static boolean booleanOf(Map<String, ?> configs, String key, boolean defaultValue) {
    Object value = configs.get(key);
    if (value == null) {
      return defaultValue;
    }
    return switch (value.toString()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(key, value, "It must be true or false");
    };
  }
}
