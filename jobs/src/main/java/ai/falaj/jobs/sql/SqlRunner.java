package ai.falaj.jobs.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.gateway.service.result.ResultFetcher;
import org.apache.flink.table.gateway.service.utils.Constants;

/** Runs a script, statement by statement, up to the first that fails. Stateless. */
final class SqlRunner {

  /** Flink's executor in this JVM takes attached jobs only. */
  private static final Map<String, String> DEFAULTS =
      Map.of("execution.target", "local", "execution.attached", "true", "table.dml-sync", "true");

  private SqlRunner() {}

  /**
   * @param name of the script, for messages
   * @param settings of Flink
   * @param results where rows go
   * @param notes where words about the run go
   */
  static void run(
      String script,
      String name,
      Map<String, String> settings,
      boolean json,
      Consumer<String> results,
      Consumer<String> notes)
      throws SqlScriptException {
    Map<String, String> all = new HashMap<>(DEFAULTS);
    all.putAll(settings);
    try (SqlSession session = new SqlSession(all)) {
      SqlScript statements = new SqlScript(script);
      RowPrinter printer = new RowPrinter(results, json);
      Optional<SqlStatement> next = statements.next(session::isComplete);
      while (next.isPresent()) {
        run(next.get(), name, session, printer, notes);
        next = statements.next(session::isComplete);
      }
    }
  }

  private static void run(
      SqlStatement statement,
      String name,
      SqlSession session,
      RowPrinter printer,
      Consumer<String> notes)
      throws SqlScriptException {
    long startNanos = System.nanoTime();
    try {
      ResultFetcher result = session.execute(statement);
      boolean ranJob = result.isQueryResult() || isChange(result);
      if (result.isQueryResult() || (!ranJob && hasContent(result))) {
        printer.print(result);
      }
      if (ranJob) {
        notes.accept(
            "%s:%d: done in %.1f s"
                .formatted(name, statement.line(), (System.nanoTime() - startNanos) / 1e9));
      }
    } catch (RuntimeException failure) {
      throw new SqlScriptException(
          "%s:%d: %s".formatted(name, statement.line(), SqlErrors.message(failure)),
          SqlErrors.isMistake(failure),
          failure);
    }
  }

  /** What the gateway tells of INSERT and its like is the job that it was. */
  private static boolean isChange(ResultFetcher result) {
    return result.getResultSchema().getColumnNames().equals(List.of(Constants.JOB_ID));
  }

  /** Rows, rather than that all went well; what is fetched here can be fetched again. */
  private static boolean hasContent(ResultFetcher result) {
    return result.fetchResults(0, RowPrinter.FETCH_ROWS).getResultKind()
        == ResultKind.SUCCESS_WITH_CONTENT;
  }
}
