package ai.falaj.operators.sql;

import ai.falaj.operators.fields.OutputType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Between Flink's internal values and those of Java: of input columns for templates, as SQL prints
 * them, and of {@link OutputType} for output columns. Stateless.
 */
final class SqlValues {

  private SqlValues() {}

  /**
   * @throws IllegalArgumentException if no template can write such a column
   */
  static void requireReadable(InputColumn column) {
    requireReadable(column.name(), column.type());
  }

  private static void requireReadable(String name, LogicalType type) {
    switch (type.getTypeRoot()) {
      case CHAR,
          VARCHAR,
          BOOLEAN,
          TINYINT,
          SMALLINT,
          INTEGER,
          BIGINT,
          FLOAT,
          DOUBLE,
          DECIMAL,
          DATE,
          TIME_WITHOUT_TIME_ZONE,
          TIMESTAMP_WITHOUT_TIME_ZONE,
          TIMESTAMP_WITH_LOCAL_TIME_ZONE -> {}
      case ARRAY -> requireReadable(name, ((ArrayType) type).getElementType());
      case ROW ->
          ((RowType) type)
              .getFields()
              .forEach(field -> requireReadable(name + "." + field.getName(), field.getType()));
      default ->
          throw new IllegalArgumentException(
              "input column %s is %s, which no prompt can hold; cast it to STRING"
                  .formatted(name, type.asSummaryString()));
    }
  }

  /** A column's value as a template reads it. */
  static Object read(Object internal, LogicalType type) {
    if (internal == null) {
      return null;
    }
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> internal.toString();
      case DECIMAL -> ((DecimalData) internal).toBigDecimal();
      case DATE -> LocalDate.ofEpochDay((int) internal);
      case TIME_WITHOUT_TIME_ZONE -> LocalTime.ofNanoOfDay((int) internal * 1_000_000L);
      case TIMESTAMP_WITHOUT_TIME_ZONE -> ((TimestampData) internal).toLocalDateTime();
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> ((TimestampData) internal).toInstant();
      case ARRAY -> readArray((ArrayData) internal, ((ArrayType) type).getElementType());
      case ROW -> readRow((RowData) internal, (RowType) type);
      default -> internal;
    };
  }

  private static List<Object> readArray(ArrayData array, LogicalType elementType) {
    ArrayData.ElementGetter getter = ArrayData.createElementGetter(elementType);
    List<Object> elements = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      elements.add(read(getter.getElementOrNull(array, i), elementType));
    }
    return elements;
  }

  private static Map<String, Object> readRow(RowData row, RowType type) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < type.getFieldCount(); i++) {
      LogicalType fieldType = type.getTypeAt(i);
      Object field = RowData.createFieldGetter(fieldType, i).getFieldOrNull(row);
      values.put(type.getFieldNames().get(i), read(field, fieldType));
    }
    return values;
  }

  /** A model's value, of the Java type that {@link OutputType} names, as an output column's. */
  static Object write(Object value, LogicalType type) {
    if (value == null) {
      return null;
    }
    return switch (type.getTypeRoot()) {
      case VARCHAR -> StringData.fromString((String) value);
      case TINYINT -> ((Integer) value).byteValue();
      case SMALLINT -> ((Integer) value).shortValue();
      case FLOAT -> ((Double) value).floatValue();
      case DECIMAL ->
          DecimalData.fromBigDecimal(
              (BigDecimal) value,
              ((DecimalType) type).getPrecision(),
              ((DecimalType) type).getScale());
      case DATE -> (int) ((LocalDate) value).toEpochDay();
      case TIMESTAMP_WITHOUT_TIME_ZONE -> TimestampData.fromLocalDateTime((LocalDateTime) value);
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> TimestampData.fromInstant((Instant) value);
      case ARRAY -> {
        LogicalType elementType = ((ArrayType) type).getElementType();
        yield new GenericArrayData(
            ((List<?>) value).stream().map(element -> write(element, elementType)).toArray());
      }
      case ROW -> writeRow((Map<?, ?>) value, (RowType) type);
      default -> value;
    };
  }

  private static RowData writeRow(Map<?, ?> values, RowType type) {
    GenericRowData row = new GenericRowData(type.getFieldCount());
    for (int i = 0; i < type.getFieldCount(); i++) {
      row.setField(i, write(values.get(type.getFieldNames().get(i)), type.getTypeAt(i)));
    }
    return row;
  }
}
