package ai.falaj.schemas.serde;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * A generated record class with its schema and Avro model. Immutable.
 *
 * @param model looks the classes of nested records and enums up
 */
record RecordType<T extends SpecificRecord>(
    Class<T> recordClass, Schema schema, SpecificData model) {

  /**
   * Checks once that Avro finds every class the schema names, so that a wrong class path fails at
   * the start instead of turning each record into an undecodable one.
   *
   * @throws IllegalStateException naming the class that is missing
   * @throws SecurityException where Avro does not trust a class; generated records of this module
   *     are always trusted
   */
  static <T extends SpecificRecord> RecordType<T> of(Class<T> recordClass) {
    Objects.requireNonNull(recordClass, "recordClass");
    SpecificData model = SpecificData.getForClass(recordClass);
    Schema schema = model.getSchema(recordClass);
    requireClasses(schema, model, new HashSet<>());
    if (model.getClass(schema) != recordClass) {
      throw new IllegalStateException(
          recordClass + " is loaded twice, by class loaders that do not know each other");
    }
    return new RecordType<>(recordClass, schema, model);
  }

  private static void requireClasses(Schema schema, SpecificData model, Set<String> seen) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          requireClass(schema, model);
          schema.getFields().forEach(field -> requireClasses(field.schema(), model, seen));
        }
      }
      case ENUM, FIXED -> requireClass(schema, model);
      case ARRAY -> requireClasses(schema.getElementType(), model, seen);
      case MAP -> requireClasses(schema.getValueType(), model, seen);
      case UNION -> schema.getTypes().forEach(branch -> requireClasses(branch, model, seen));
      default -> {}
    }
  }

  private static void requireClass(Schema schema, SpecificData model) {
    if (model.getClass(schema) == null) {
      throw new IllegalStateException(
          "The class " + schema.getFullName() + " is not on the class path");
    }
  }
}
