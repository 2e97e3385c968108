package ai.falaj.operators.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** SQL in this JVM, in batch or streaming mode. */
final class SqlSession {

  private final TableEnvironment tables;

  private SqlSession(EnvironmentSettings settings) {
    tables = TableEnvironment.create(settings);
    tables.getConfig().set("parallelism.default", "2");
    tables.getConfig().set("restart-strategy.type", "none");
  }

  static SqlSession streaming() {
    return new SqlSession(EnvironmentSettings.inStreamingMode());
  }

  static SqlSession batch() {
    return new SqlSession(EnvironmentSettings.inBatchMode());
  }

  TableEnvironment tables() {
    return tables;
  }

  void execute(String statement) {
    tables.executeSql(statement);
  }

  void set(String key, String value) {
    tables.getConfig().set(key, value);
  }

  List<Row> rows(String query) throws Exception {
    List<Row> rows = new ArrayList<>();
    CloseableIterator<Row> results = tables.executeSql(query).collect();
    try {
      results.forEachRemaining(rows::add);
    } finally {
      results.close();
    }
    return rows;
  }
}
