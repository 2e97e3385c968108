package ai.falaj.jobs.sql;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.SqlParserEOFException;
import org.apache.flink.table.gateway.api.operation.OperationHandle;
import org.apache.flink.table.gateway.api.session.SessionEnvironment;
import org.apache.flink.table.gateway.api.session.SessionHandle;
import org.apache.flink.table.gateway.rest.util.SqlGatewayRestAPIVersion;
import org.apache.flink.table.gateway.service.context.DefaultContext;
import org.apache.flink.table.gateway.service.context.SessionContext;
import org.apache.flink.table.gateway.service.operation.OperationExecutor;
import org.apache.flink.table.gateway.service.result.ResultFetcher;

/**
 * A session as Flink's SQL gateway and SQL client have it, without a server: SET may change the
 * runtime mode between statements, which a table environment of its own could not. Confined to one
 * thread.
 */
final class SqlSession implements AutoCloseable {

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final SessionContext context;

  /**
   * @param settings of Flink
   */
  SqlSession(Map<String, String> settings) {
    context =
        SessionContext.create(
            new DefaultContext(Configuration.fromMap(settings), Collections.emptyList()),
            SessionHandle.create(),
            SessionEnvironment.newBuilder()
                .setSessionEndpointVersion(SqlGatewayRestAPIVersion.getDefaultVersion())
                .build(),
            thread);
  }

  /** Whether it is more than the beginning of a statement; a wrong one is complete. */
  boolean isComplete(SqlStatement statement) {
    try {
      executor().getTableEnvironment().getParser().parse(statement.inPlace());
      return true;
    } catch (SqlParserEOFException unfinished) {
      return false;
    } catch (RuntimeException wrong) {
      return true; // running it fails in the same way, and is where that is told
    }
  }

  /** Runs it; changes of tables wait for their job's end. */
  ResultFetcher execute(SqlStatement statement) {
    return executor().executeStatement(OperationHandle.create(), statement.inPlace());
  }

  /** Anew for each statement, as the one before may have changed the planner. */
  private OperationExecutor executor() {
    return new OperationExecutor(context, StreamExecutionEnvironment::new);
  }

  @Override
  public void close() {
    context.close();
    thread.shutdownNow();
  }
}
