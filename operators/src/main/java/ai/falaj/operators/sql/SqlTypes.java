package ai.falaj.operators.sql;

import ai.falaj.operators.fields.FieldConstraint;
import ai.falaj.operators.fields.FieldConstraint.AtLeast;
import ai.falaj.operators.fields.FieldConstraint.AtMost;
import ai.falaj.operators.fields.FieldConstraint.MaxLength;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputType;
import ai.falaj.operators.fields.OutputType.Scalar;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/** The field that a model fills for a column of a SQL type. Stateless. */
final class SqlTypes {

  private SqlTypes() {}

  /**
   * @param path of the field in {@link FieldOptions}
   * @throws IllegalArgumentException if no model can fill such a column
   */
  static OutputField field(String name, String path, LogicalType type, FieldOptions options) {
    List<FieldConstraint> constraints = new ArrayList<>(options.constraints(path));
    addOfType(constraints, path, type);
    return new OutputField(
        name,
        outputType(path, type, options),
        options.nullable(path),
        options.description(path),
        constraints);
  }

  private static OutputType outputType(String path, LogicalType type, FieldOptions options) {
    return switch (type.getTypeRoot()) {
      case VARCHAR -> Scalar.STRING;
      case BOOLEAN -> Scalar.BOOLEAN;
      case TINYINT, SMALLINT, INTEGER -> Scalar.INT;
      case BIGINT -> Scalar.BIGINT;
      case FLOAT, DOUBLE -> Scalar.DOUBLE;
      case DECIMAL ->
          OutputType.decimal(((DecimalType) type).getPrecision(), ((DecimalType) type).getScale());
      case DATE -> Scalar.DATE;
      case TIMESTAMP_WITHOUT_TIME_ZONE -> Scalar.TIMESTAMP;
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> Scalar.TIMESTAMP_LTZ;
      case ARRAY ->
          new OutputType.Array(
              field("element", path + ".element", ((ArrayType) type).getElementType(), options));
      case ROW ->
          new OutputType.Row(
              ((RowType) type)
                  .getFields().stream()
                      .map(
                          field ->
                              field(
                                  field.getName(),
                                  path + "." + field.getName(),
                                  field.getType(),
                                  options))
                      .toList());
      default ->
          throw new IllegalArgumentException(
              "output column %s is %s, which a model cannot fill; use STRING, BOOLEAN, INT, BIGINT, DOUBLE, DECIMAL, DATE, TIMESTAMP, TIMESTAMP_LTZ, or an ARRAY or ROW of them"
                  .formatted(path, type.asSummaryString()));
    };
  }

  /** What the type says beyond {@link OutputType}; an option may only say more. */
  private static void addOfType(List<FieldConstraint> constraints, String path, LogicalType type) {
    switch (type.getTypeRoot()) {
      case VARCHAR -> {
        int length = ((VarCharType) type).getLength();
        if (length != VarCharType.MAX_LENGTH) {
          add(constraints, new MaxLength(length), path, type);
        }
      }
      case TINYINT -> {
        add(constraints, new AtLeast(Byte.MIN_VALUE), path, type);
        add(constraints, new AtMost(Byte.MAX_VALUE), path, type);
      }
      case SMALLINT -> {
        add(constraints, new AtLeast(Short.MIN_VALUE), path, type);
        add(constraints, new AtMost(Short.MAX_VALUE), path, type);
      }
      default -> {}
    }
  }

  private static void add(
      List<FieldConstraint> constraints, FieldConstraint ofType, String path, LogicalType type) {
    for (FieldConstraint option : constraints) {
      if (option.keyword().equals(ofType.keyword())) {
        if (!isWithin(option, ofType)) {
          throw new IllegalArgumentException(
              "%s%s: %s goes beyond the column's type, %s; change one of them"
                  .formatted(SqlModelOptions.FIELDS_PREFIX, path, option, type.asSummaryString()));
        }
        return;
      }
    }
    constraints.add(ofType);
  }

  private static boolean isWithin(FieldConstraint option, FieldConstraint ofType) {
    if (option instanceof MaxLength length) {
      return length.codePoints() <= ((MaxLength) ofType).codePoints();
    }
    Object bound = option instanceof AtLeast least ? least.minimum() : ((AtMost) option).maximum();
    return ofType.check(bound).isEmpty();
  }
}
