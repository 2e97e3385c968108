package ai.falaj.jobs.sql;

import ai.falaj.runtime.RuntimeLoadException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.table.api.SqlParserException;
import org.apache.flink.table.api.TableException;
import org.apache.flink.table.api.ValidationException;

/** One line out of a long chain of exceptions, and whose mistake it is. Stateless. */
final class SqlErrors {

  /** What follows in the parser's messages is a list of most of SQL. */
  private static final String EXPECTED = "Was expecting";

  private SqlErrors() {}

  /**
   * Whether the statement or what it needs is at fault, rather than the run: nothing was started,
   * or a model could not be had.
   */
  static boolean isMistake(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (first(chain, RuntimeLoadException.class).isPresent()) {
      return true;
    }
    Throwable root = chain.get(chain.size() - 1);
    return first(chain, JobExecutionException.class).isEmpty()
        && (last(chain, ValidationException.class).isPresent()
            || last(chain, SqlParserException.class).isPresent()
            || root instanceof TableException
            || root instanceof UnsupportedOperationException);
  }

  /** What the user should read of it. */
  static String message(Throwable failure) {
    List<Throwable> chain = chain(failure);
    Throwable told =
        first(chain, RuntimeLoadException.class)
            .or(() -> last(chain, ValidationException.class))
            .or(() -> last(chain, SqlParserException.class))
            .orElse(chain.get(chain.size() - 1));
    String message = told.getMessage() == null ? told.toString() : told.getMessage();
    int expected = message.indexOf(EXPECTED);
    return (expected < 0 ? message : message.substring(0, expected))
        .strip()
        .replaceAll("\\s*\\R\\s*", " ");
  }

  private static Optional<Throwable> first(List<Throwable> chain, Class<?> type) {
    return chain.stream().filter(type::isInstance).findFirst();
  }

  private static Optional<Throwable> last(List<Throwable> chain, Class<?> type) {
    return chain.stream().filter(type::isInstance).reduce((one, next) -> next);
  }

  /** From the outermost on; a chain that closes upon itself ends. */
  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable at = failure; at != null && seen.add(at); at = at.getCause()) {
      chain.add(at);
    }
    return chain;
  }
}
