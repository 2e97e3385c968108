package ai.falaj.operators.sql;

import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputSchema;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/**
 * The columns of {@code OUTPUT}: those that the model fills, and those that say why it did not.
 * Metadata columns {@code error-string} (as in Flink's own provider) and {@code error-code} are of
 * the second kind, and so is the physical column that {@code error-column} names. Immutable.
 */
final class OutputColumns implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Metadata: the message. */
  static final String ERROR_STRING = "error-string";

  /** Metadata: the code. */
  static final String ERROR_CODE = "error-code";

  private enum Role {
    MODEL,
    ERROR,
    ERROR_MESSAGE,
    ERROR_CODE
  }

  private final List<LogicalType> types = new ArrayList<>();
  private final List<Role> roles = new ArrayList<>();
  private final OutputSchema schema;

  /**
   * @param modelOptions all of the model's
   * @throws IllegalArgumentException with one line that names the column or option and the remedy
   */
  OutputColumns(ResolvedSchema output, ReadableConfig options, Map<String, String> modelOptions) {
    Optional<String> errorColumn = options.getOptional(SqlModelOptions.ERROR_COLUMN);
    FieldOptions fieldOptions = new FieldOptions(modelOptions);
    List<OutputField> fields = new ArrayList<>();
    for (Column column : output.getColumns()) {
      Role role = roleOf(column, errorColumn);
      LogicalType type = column.getDataType().getLogicalType();
      roles.add(role);
      types.add(type);
      if (role == Role.MODEL) {
        fields.add(SqlTypes.field(column.getName(), column.getName(), type, fieldOptions));
        requireNullable(column, fieldOptions, options);
      } else if (!type.is(LogicalTypeRoot.VARCHAR) || !type.isNullable()) {
        throw new IllegalArgumentException(
            "output column %s is %s and is to hold errors; make it STRING"
                .formatted(column.getName(), type.asSummaryString()));
      }
    }
    if (errorColumn.isPresent() && !roles.contains(Role.ERROR)) {
      throw new IllegalArgumentException(
          "%s is %s and OUTPUT has no such column; add %s STRING"
              .formatted(SqlModelOptions.ERROR_COLUMN.key(), errorColumn.get(), errorColumn.get()));
    }
    fieldOptions.requireAllRead();
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("OUTPUT has no column for the model to fill; add one");
    }
    schema = OutputSchema.of(fields);
  }

  private static Role roleOf(Column column, Optional<String> errorColumn) {
    if (column instanceof Column.MetadataColumn metadata) {
      String key = metadata.getMetadataKey().orElse(column.getName());
      return switch (key) {
        case ERROR_STRING -> Role.ERROR_MESSAGE;
        case ERROR_CODE -> Role.ERROR_CODE;
        default ->
            throw new IllegalArgumentException(
                "output column %s is metadata '%s'; there are '%s' and '%s'"
                    .formatted(column.getName(), key, ERROR_STRING, ERROR_CODE));
      };
    }
    if (!column.isPhysical()) {
      throw new IllegalArgumentException(
          "output column %s is computed; OUTPUT takes physical and metadata columns"
              .formatted(column.getName()));
    }
    return errorColumn.filter(column.getName()::equals).isPresent() ? Role.ERROR : Role.MODEL;
  }

  /** A column gets NULL where its row fails, or where the model may write null. */
  private static void requireNullable(
      Column column, FieldOptions fieldOptions, ReadableConfig options) {
    if (column.getDataType().getLogicalType().isNullable()) {
      return;
    }
    ErrorHandlingStrategy strategy = options.get(SqlModelOptions.ERROR_HANDLING_STRATEGY);
    if (strategy == ErrorHandlingStrategy.NULL) {
      throw new IllegalArgumentException(
          "output column %s is NOT NULL and %s is null; leave NOT NULL out (the model writes none unless fields.%s.nullable says so), or choose ignore or failover"
              .formatted(
                  column.getName(),
                  SqlModelOptions.ERROR_HANDLING_STRATEGY.key(),
                  column.getName()));
    }
    if (fieldOptions.nullable(column.getName())) {
      throw new IllegalArgumentException(
          "output column %s is NOT NULL and fields.%s.nullable is true; change one of them"
              .formatted(column.getName(), column.getName()));
    }
  }

  /** What the model fills. */
  OutputSchema schema() {
    return schema;
  }

  /**
   * @param values one for each field of {@link #schema()}
   */
  RowData row(List<Object> values) {
    GenericRowData row = new GenericRowData(roles.size());
    int next = 0;
    for (int i = 0; i < roles.size(); i++) {
      if (roles.get(i) == Role.MODEL) {
        row.setField(i, SqlValues.write(values.get(next++), types.get(i)));
      }
    }
    return row;
  }

  /** NULL in the model's columns. */
  RowData errorRow(PredictionFailure failure) {
    GenericRowData row = new GenericRowData(roles.size());
    for (int i = 0; i < roles.size(); i++) {
      String text =
          switch (roles.get(i)) {
            case MODEL -> null;
            case ERROR -> failure.code() + ": " + failure.message();
            case ERROR_MESSAGE -> failure.message();
            case ERROR_CODE -> failure.code();
          };
      row.setField(i, StringData.fromString(text));
    }
    return row;
  }
}
