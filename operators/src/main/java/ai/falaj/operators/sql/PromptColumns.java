package ai.falaj.operators.sql;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalTypeFamily;

/**
 * What a row asks: the user message that its columns make, and the options that it sets itself.
 * Immutable but for the template's compiled form; task thread.
 */
final class PromptColumns implements Serializable {

  private static final long serialVersionUID = 1L;

  private final List<InputColumn> columns;
  private final Map<RowOption, InputColumn> rowOptions;
  private final PromptTemplate templateOrNull;

  private PromptColumns(
      List<InputColumn> columns,
      Map<RowOption, InputColumn> rowOptions,
      PromptTemplate templateOrNull) {
    this.columns = new ArrayList<>(columns);
    this.rowOptions = rowOptions;
    this.templateOrNull = templateOrNull;
  }

  /**
   * @throws IllegalArgumentException with one line that names the column or option and the remedy
   */
  static PromptColumns of(ResolvedSchema input, ReadableConfig options) {
    List<InputColumn> columns = new ArrayList<>();
    for (Column column : input.getColumns()) {
      if (!column.isPhysical()) {
        throw new IllegalArgumentException(
            "input column %s is computed or metadata; INPUT takes physical columns"
                .formatted(column.getName()));
      }
      InputColumn made =
          new InputColumn(column.getName(), column.getDataType().getLogicalType(), columns.size());
      SqlValues.requireReadable(made);
      columns.add(made);
    }
    Map<RowOption, InputColumn> rowOptions = new EnumMap<>(RowOption.class);
    for (String name : options.getOptional(SqlModelOptions.ROW_OPTIONS).orElse(List.of())) {
      RowOption option = RowOption.named(name.strip());
      rowOptions.put(option, columnOf(option, columns));
    }
    List<InputColumn> ofPrompt =
        columns.stream().filter(column -> !rowOptions.containsValue(column)).toList();
    Optional<String> template = options.getOptional(SqlModelOptions.PROMPT_TEMPLATE);
    if (template.isEmpty()) {
      requireOneText(ofPrompt);
      return new PromptColumns(ofPrompt, rowOptions, null);
    }
    return new PromptColumns(
        ofPrompt,
        rowOptions,
        new PromptTemplate(template.get(), ofPrompt.stream().map(InputColumn::name).toList()));
  }

  private static InputColumn columnOf(RowOption option, List<InputColumn> columns) {
    for (InputColumn column : columns) {
      if (column.name().equals(option.columnName())) {
        if (!option.types().contains(column.type().getTypeRoot())) {
          throw new IllegalArgumentException(
              "input column %s is %s; as a row option it must be one of %s"
                  .formatted(column.name(), column.type().asSummaryString(), option.types()));
        }
        return column;
      }
    }
    throw new IllegalArgumentException(
        "%s has %s and INPUT has no column %s; add it"
            .formatted(
                SqlModelOptions.ROW_OPTIONS.key(), option.optionName(), option.columnName()));
  }

  private static void requireOneText(List<InputColumn> columns) {
    if (columns.size() != 1) {
      throw new IllegalArgumentException(
          "the input columns %s make no prompt by themselves; set %s, such as '{{%s}}'"
              .formatted(
                  columns.stream().map(InputColumn::name).toList(),
                  SqlModelOptions.PROMPT_TEMPLATE.key(),
                  columns.isEmpty() ? "column" : columns.get(0).name()));
    }
    InputColumn only = columns.get(0);
    if (!only.type().is(LogicalTypeFamily.CHARACTER_STRING)) {
      throw new IllegalArgumentException(
          "input column %s is %s, and a prompt is STRING; change its type, or set %s to '{{%s}}'"
              .formatted(
                  only.name(),
                  only.type().asSummaryString(),
                  SqlModelOptions.PROMPT_TEMPLATE.key(),
                  only.name()));
    }
  }

  /** The user message; empty where the row has NULL for it. */
  Optional<String> prompt(RowData row) {
    if (templateOrNull == null) {
      return Optional.ofNullable((String) value(row, columns.get(0)));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    columns.forEach(column -> values.put(column.name(), value(row, column)));
    return Optional.of(templateOrNull.render(values));
  }

  /** What the row sets itself, without NULLs. */
  Map<RowOption, Object> rowOptions(RowData row) {
    Map<RowOption, Object> values = new EnumMap<>(RowOption.class);
    rowOptions.forEach(
        (option, column) -> {
          Object value = value(row, column);
          if (value != null) {
            values.put(option, value);
          }
        });
    return values;
  }

  private static Object value(RowData row, InputColumn column) {
    return SqlValues.read(
        RowData.createFieldGetter(column.type(), column.index()).getFieldOrNull(row),
        column.type());
  }
}
