package ai.falaj.jobs.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Shows how far a long task is: one line that redraws itself on a terminal, a line every ten
 * seconds elsewhere. A task that ends within two seconds shows nothing at all.
 *
 * <p>Any thread may report progress. {@link #close()} ends the line.
 */
public final class ProgressBar implements AutoCloseable {

  /** How amounts are written. */
  public enum Unit {
    BYTES {
      @Override
      String format(long amount) {
        return String.format(Locale.ROOT, "%.1f MB", amount / 1e6);
      }
    },
    COUNT {
      @Override
      String format(long amount) {
        return Long.toString(amount);
      }
    };

    abstract String format(long amount);
  }

  private static final long SILENT_NANOS = 2_000_000_000L;
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final long SPARSE_NANOS = 10_000_000_000L;
  private static final int BAR_CELLS = 24;

  private final PrintWriter err;
  private final TerminalSettings terminal;
  private final String task;
  private final Unit unit;
  private final LongSupplier nanoClock;
  private final long startedNanos;
  private long lastShownNanos;
  private boolean shown;
  private boolean closed;

  ProgressBar(
      PrintWriter err, TerminalSettings terminal, String task, Unit unit, LongSupplier nanoClock) {
    this.err = err;
    this.terminal = terminal;
    this.task = task;
    this.unit = unit;
    this.nanoClock = nanoClock;
    this.startedNanos = nanoClock.getAsLong();
  }

  /**
   * Reports progress; draws only as often as is useful.
   *
   * @param done how much is done, in the unit of this bar
   * @param total how much there is to do, where known
   */
  public void update(long done, OptionalLong total) {
    update(done, total, "");
  }

  /**
   * Reports progress with more to say of it.
   *
   * @param detail shown last; may be empty
   */
  public synchronized void update(long done, OptionalLong total, String detail) {
    long now = nanoClock.getAsLong();
    if (closed || now - startedNanos < SILENT_NANOS) {
      return;
    }
    long pause = terminal.errorIsTerminal() ? REDRAW_NANOS : SPARSE_NANOS;
    if (shown && now - lastShownNanos < pause) {
      return;
    }
    shown = true;
    lastShownNanos = now;
    String line = line(done, total, now - startedNanos) + (detail.isEmpty() ? "" : ", " + detail);
    if (terminal.errorIsTerminal()) {
      err.print("\r\u001b[K" + truncated(line));
    } else {
      err.println(line);
    }
    err.flush();
  }

  /** Wipes the drawn line from a terminal; elsewhere says that the task is over. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!shown) {
      return;
    }
    if (terminal.errorIsTerminal()) {
      err.print("\r\u001b[K");
    } else {
      err.println(task + ": ended after " + seconds(nanoClock.getAsLong() - startedNanos));
    }
    err.flush();
  }

  private String line(long done, OptionalLong total, long elapsedNanos) {
    if (total.isEmpty() || total.getAsLong() <= 0) {
      return task + ": " + unit.format(done) + ", " + seconds(elapsedNanos);
    }
    long all = total.getAsLong();
    double share = Math.min(1.0, Math.max(0.0, (double) done / all));
    String amounts = unit.format(done) + " of " + unit.format(all);
    String percent = String.format(Locale.ROOT, "%3.0f%%", share * 100);
    if (!terminal.errorIsTerminal()) {
      return task + ": " + percent.strip() + ", " + amounts;
    }
    int filled = (int) Math.round(share * BAR_CELLS);
    String bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
    return task + " " + bar + " " + percent + " " + amounts + remaining(share, elapsedNanos);
  }

  private static String remaining(double share, long elapsedNanos) {
    return share <= 0 || share >= 1
        ? ""
        : ", " + seconds((long) (elapsedNanos * (1 - share) / share)) + " left";
  }

  private static String seconds(long nanos) {
    return Math.round(nanos / 1e9) + " s";
  }

  private String truncated(String line) {
    return line.length() < terminal.columns() ? line : line.substring(0, terminal.columns() - 1);
  }
}
