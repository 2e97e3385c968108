package ai.falaj.jobs.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.Topics;
import ai.falaj.schemas.UsageWindow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table definitions in {@code examples/sql} have the columns of the schemas. {@code
 * -Dfalaj.docs.write=true} writes them anew.
 */
class SqlTablesTest {

  static Stream<Arguments> tables() {
    return Stream.of(
        Arguments.of("falaj_usage", Topics.USAGE, UsageWindow.getClassSchema()),
        Arguments.of("falaj_labels", Topics.LABELS, LabelWindow.getClassSchema()),
        Arguments.of("falaj_budget_alerts", Topics.BUDGET_ALERTS, BudgetAlert.getClassSchema()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tables")
  void tablesHaveTheColumnsOfTheSchemas(String table, String topic, Schema schema)
      throws Exception {
    Path file =
        Path.of(
            System.getProperty("falaj.home"), "examples", "sql", table.replace('_', '-') + ".sql");
    String expected = render(table, topic, schema);
    if (Boolean.getBoolean("falaj.docs.write")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, expected);
    }
    assertThat(Files.readString(file))
        .as("%s; write it anew with -Dfalaj.docs.write=true", file)
        .isEqualTo(expected);
  }

  private static String render(String table, String topic, Schema schema) {
    String columns =
        schema.getFields().stream()
            .map(field -> "  `%s` %s,\n".formatted(field.name(), sqlType(field.schema())))
            .collect(Collectors.joining());
    return """
        -- %s
        -- Addresses are those of the local stack. Times are in UTC.
        CREATE TABLE %s (
          `row_key` STRING NOT NULL,
        %s  PRIMARY KEY (`row_key`) NOT ENFORCED
        ) WITH (
          'connector' = 'upsert-kafka',
          'topic' = '%s',
          'properties.bootstrap.servers' = 'localhost:9092',
          'properties.isolation.level' = 'read_committed',
          'key.format' = 'raw',
          'value.format' = 'avro-confluent',
          'value.avro-confluent.url' = 'http://localhost:8082/apis/ccompat/v7',
          'value.fields-include' = 'EXCEPT_KEY'
        );
        """
        .formatted(schema.getDoc().split("\\. ")[0] + ".", table, columns, topic);
  }

  private static final Map<Schema.Type, String> SCALARS =
      Map.of(
          Schema.Type.STRING, "STRING",
          Schema.Type.BOOLEAN, "BOOLEAN",
          Schema.Type.INT, "INT",
          Schema.Type.LONG, "BIGINT",
          Schema.Type.DOUBLE, "DOUBLE");

  private static String sqlType(Schema schema) {
    if (schema.getType() == Schema.Type.UNION) {
      return bareType(schema.getTypes().get(1));
    }
    return bareType(schema) + " NOT NULL";
  }

  private static String bareType(Schema schema) {
    if (LogicalTypes.timestampMillis().equals(schema.getLogicalType())) {
      return "TIMESTAMP(3)";
    }
    return switch (schema.getType()) {
      case MAP -> "MAP<STRING NOT NULL, " + sqlType(schema.getValueType()) + ">";
      case ARRAY -> "ARRAY<" + sqlType(schema.getElementType()) + ">";
      case RECORD ->
          schema.getFields().stream()
              .map(field -> "`%s` %s".formatted(field.name(), sqlType(field.schema())))
              .collect(Collectors.joining(", ", "ROW<", ">"));
      default -> SCALARS.get(schema.getType());
    };
  }
}
