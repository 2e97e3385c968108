package ai.falaj.jobs.gateway;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * A line for each request once it has ended, refused ones included: who, what, how it went, how
 * long it took; nothing of what was asked or answered. Any thread.
 */
final class AccessLog {

  private static final String BEGUN = "falaj.begun-nanos";
  private static final String REQUEST = "falaj.request-id";
  private static final String OUTCOME = "falaj.outcome";
  private static final int LONGEST_PATH = 200;

  private final Consumer<String> lines;
  private final LongSupplier nanoClock;

  AccessLog(Consumer<String> lines, LongSupplier nanoClock) {
    this.lines = lines;
    this.nanoClock = nanoClock;
  }

  /** To the log of the process. */
  static AccessLog toLogFile() {
    return new AccessLog(LoggerFactory.getLogger(AccessLog.class)::info, System::nanoTime);
  }

  /** Sees every request; to be added before all handlers. */
  void addTo(RoutesConfig routes) {
    routes.before(context -> context.attribute(BEGUN, nanoClock.getAsLong()));
    routes.after(context -> lines.accept(line(context)));
  }

  /** Names the request in its line and to its client. */
  static void requestId(Context context, String id) {
    context.header("X-Request-Id", id);
    context.attribute(REQUEST, id);
  }

  /** How it went where the status does not say: streams that ended early have 200 too. */
  static void outcome(Context context, Supplier<String> outcome) {
    context.attribute(OUTCOME, outcome);
  }

  private String line(Context context) {
    Long begun = context.attribute(BEGUN);
    String path = context.req().getRequestURI();
    StringBuilder line = new StringBuilder();
    line.append(context.req().getMethod()).append(' ');
    line.append(path, 0, Math.min(path.length(), LONGEST_PATH));
    line.append(' ').append(context.res().getStatus());
    if (begun != null) {
      line.append(' ').append((nanoClock.getAsLong() - begun) / 1_000_000).append(" ms");
    }
    KeyAccess.tenant(context).ifPresent(tenant -> line.append(" tenant=").append(tenant));
    append(line, " request=", context.attribute(REQUEST));
    Supplier<String> outcome = context.attribute(OUTCOME);
    append(line, " outcome=", outcome == null ? null : outcome.get());
    return line.toString();
  }

  private static void append(StringBuilder line, String name, String value) {
    if (value != null) {
      line.append(name).append(value);
    }
  }
}
