package ai.falaj.operators.analytics;

import java.util.Objects;

/**
 * A window of a group, as its state holds it. Immutable.
 *
 * <p><b>States.</b> <i>Open</i>: its sums are in no longer window yet. <i>Closed</i>: they were
 * added to the next longer one, so what comes late is added there too. It is removed when nothing
 * may come late any more.
 *
 * @param changed whether its row has to be written (anew)
 * @param usual what was usual for labels when it closed, so that a late record changes counts and
 *     not what they are compared with; empty while it is open
 */
public record WindowTotals(
    UsageTotals totals, boolean closed, boolean changed, LabelHistory usual) {

  static final WindowTotals OPENED =
      new WindowTotals(UsageTotals.NOTHING, false, false, LabelHistory.EMPTY);

  public WindowTotals {
    Objects.requireNonNull(totals, "totals");
    Objects.requireNonNull(usual, "usual");
  }

  WindowTotals plus(UsageTotals more) {
    return new WindowTotals(totals.plus(more), closed, true, usual);
  }

  /**
   * @param history without this window
   */
  WindowTotals close(LabelHistory history) {
    return new WindowTotals(totals, true, changed, history);
  }

  WindowTotals written() {
    return new WindowTotals(totals, closed, false, usual);
  }
}
