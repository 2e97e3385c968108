package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.demo.DemoState.Pane;
import ai.falaj.jobs.terminal.BlockChart;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.jobs.terminal.Frame;
import ai.falaj.jobs.terminal.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws the running demo: a status line, a progress line, a grid of panes, the batch size of the
 * last seconds. A pure function of state and size; every line is exactly as wide as the terminal,
 * every picture at most as high.
 */
final class DemoRenderer {

  private static final int SMALLEST_PANE_ROWS = 6;
  private static final int TWO_COLUMNS_FROM = 72;
  private static final int THREE_COLUMNS_FROM = 132;
  private static final int GAP = 2;
  private static final int LINES_AROUND_PANES = 3;

  private DemoRenderer() {}

  static Frame render(DemoState state, int width, int height) {
    List<Line> lines = new ArrayList<>();
    lines.add(status(state, width));
    lines.add(progress(state, width));
    int paneRows = height - LINES_AROUND_PANES;
    if (width >= 4 && paneRows >= 2) {
      lines.addAll(panes(state.panes(), width, paneRows));
    }
    lines.add(batch(state, width));
    return new Frame(
        lines.stream().limit(Math.max(0, height)).map(line -> line.fitted(width)).toList());
  }

  private static Line status(DemoState state, int width) {
    String counts = state.answered() + "/" + state.sent() + " done";
    String dead = state.deadLettered() == 0 ? "" : ", " + state.deadLettered() + " dead letters";
    String rates =
        String.format(
            Locale.ROOT,
            " · %d streaming · %.0f tok/s · %s",
            state.streaming(),
            state.tokensPerSecond(),
            minutes(state.elapsedMs()));
    String name = "Falaj demo · " + state.model();
    int room = width - DisplayText.width(counts + dead + rates) - 3;
    Line head =
        room < 12 ? Line.EMPTY : Line.of(Style.BOLD, DisplayText.clip(name, room)).plus("   ");
    return head.plus(Style.GREEN, counts).plus(Style.RED, dead).plus(rates);
  }

  private static Line progress(DemoState state, int width) {
    int done = state.sent() == 0 ? 0 : (int) ((long) width * state.answered() / state.sent());
    return Line.of(Style.GREEN, "━".repeat(done)).plus(Style.DIM, "─".repeat(width - done));
  }

  private static Line batch(DemoState state, int width) {
    if (state.batchSizes().isEmpty()) {
      return Line.of(Style.DIM, "Ctrl-C stops");
    }
    double now = state.batchSizes().get(state.batchSizes().size() - 1);
    String label = String.format(Locale.ROOT, "%s %4.1f ", state.batchLabel(), now);
    String hint = "  Ctrl-C stops";
    int columns = width - DisplayText.width(label) - hint.length();
    if (columns < 8) {
      return Line.of(Style.DIM, label);
    }
    String spark = BlockChart.spark(state.batchSizes(), columns);
    return Line.of(Style.DIM, label)
        .plus(Style.CYAN, DisplayText.pad(spark, columns))
        .plus(Style.DIM, hint);
  }

  private static List<Line> panes(List<Pane> panes, int width, int rows) {
    int across = width >= THREE_COLUMNS_FROM ? 3 : width >= TWO_COLUMNS_FROM ? 2 : 1;
    int most = (DemoView.PANES + across - 1) / across;
    int down = Math.max(1, Math.min(most, rows / SMALLEST_PANE_ROWS));
    int paneWidth = (width - GAP * (across - 1)) / across;
    List<Line> lines = new ArrayList<>();
    for (int row = 0; row < down; row++) {
      int paneRows = rows * (row + 1) / down - rows * row / down;
      List<List<Line>> beside = new ArrayList<>();
      for (int column = 0; column < across; column++) {
        int index = row * across + column;
        beside.add(
            index < panes.size()
                ? PaneRenderer.render(panes.get(index), paneWidth, paneRows)
                : List.of());
      }
      for (int i = 0; i < paneRows; i++) {
        lines.add(joined(beside, i, paneWidth));
      }
    }
    return lines;
  }

  private static Line joined(List<List<Line>> panes, int index, int paneWidth) {
    Line line = Line.EMPTY;
    for (int column = 0; column < panes.size(); column++) {
      List<Line> pane = panes.get(column);
      Line part = (index < pane.size() ? pane.get(index) : Line.EMPTY).fitted(paneWidth);
      line = line.plus(part);
      if (column < panes.size() - 1) {
        line = line.plus(DisplayText.columnMark(part.text()) + " ".repeat(GAP));
      }
    }
    return line;
  }

  private static String minutes(long ms) {
    return String.format(Locale.ROOT, "%d:%02d", ms / 60_000, ms / 1_000 % 60);
  }
}
