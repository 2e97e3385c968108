package ai.falaj.jobs.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Charts of block characters, an eighth of a cell high at the finest. Pure functions. */
public final class BlockChart {

  private static final String BLOCKS = " ▁▂▃▄▅▆▇█";
  private static final int EIGHTHS = 8;

  private BlockChart() {}

  /**
   * A series as columns on a vertical axis from 0 to the series' highest value, with the time
   * below.
   *
   * @param series values in equal distances of time; none negative
   * @param seconds time from the first to the last value
   * @param columns width of the chart without its axis
   * @param rows height without the line of time
   */
  public static List<String> columns(List<Double> series, double seconds, int columns, int rows) {
    if (series.isEmpty()) {
      throw new IllegalArgumentException("a chart needs at least one value");
    }
    double highest = series.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    List<Double> resampled = resample(series, columns);
    String top = number(highest);
    List<String> lines = new ArrayList<>();
    for (int row = rows - 1; row >= 0; row--) {
      String label = row == rows - 1 ? top : " ".repeat(top.length());
      lines.add(label + (row == rows - 1 ? " ┤" : " │") + row(resampled, highest, row, rows));
    }
    lines.add(time(top.length(), resampled.size(), seconds));
    return lines;
  }

  /** A series on one line: its last values, the highest of them as a full block. */
  public static String spark(List<Double> series, int columns) {
    List<Double> last = series.subList(Math.max(0, series.size() - columns), series.size());
    double highest = last.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return row(last, highest, 0, 1);
  }

  private static String row(List<Double> values, double highest, int row, int rows) {
    StringBuilder line = new StringBuilder();
    for (double value : values) {
      long eighths = highest == 0 ? 0 : Math.round(value / highest * rows * EIGHTHS);
      if (value > 0) {
        eighths = Math.max(1, eighths);
      }
      int inThisRow = (int) Math.min(EIGHTHS, Math.max(0, eighths - (long) row * EIGHTHS));
      line.append(BLOCKS.charAt(inThisRow));
    }
    return line.toString().stripTrailing();
  }

  /** Means of equal shares; a series shorter than the chart stays as it is. */
  private static List<Double> resample(List<Double> series, int columns) {
    if (series.size() <= columns) {
      return series;
    }
    List<Double> means = new ArrayList<>();
    for (int column = 0; column < columns; column++) {
      int from = (int) ((long) column * series.size() / columns);
      int to = (int) ((long) (column + 1) * series.size() / columns);
      means.add(
          series.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElse(0));
    }
    return means;
  }

  private static String time(int labelWidth, int columns, double seconds) {
    String end = String.format(Locale.ROOT, "%.1f s", seconds);
    String axis = " ".repeat(Math.max(0, labelWidth - 1)) + "0 └" + "─".repeat(columns);
    return axis + " " + end;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
