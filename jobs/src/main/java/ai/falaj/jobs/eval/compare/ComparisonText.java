package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.eval.compare.Comparison.Cell;
import ai.falaj.jobs.eval.compare.Comparison.Measured;
import ai.falaj.jobs.eval.compare.Comparison.Published;
import ai.falaj.jobs.eval.compare.Comparison.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A comparison as a table for terminals, and the wording that all its forms share. Pure. */
public final class ComparisonText {

  private static final String NOTHING = "-";

  private ComparisonText() {}

  public static List<String> lines(Comparison comparison) {
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("model"));
    head.addAll(comparison.datasets());
    table.add(head);
    for (Row row : comparison.rows()) {
      List<String> line = new ArrayList<>(List.of(row.model()));
      comparison.datasets().forEach(dataset -> line.add(cell(row.cell(dataset))));
      table.add(line);
    }
    List<String> lines = new ArrayList<>(List.of(title(comparison), ""));
    int[] widths = widths(table);
    table.forEach(line -> lines.add(padded(line, widths)));
    List<String> notes = notes(comparison);
    if (!notes.isEmpty()) {
      lines.add("");
      lines.addAll(notes);
    }
    return lines;
  }

  static String title(Comparison comparison) {
    return comparison.metric().title() + " in percent, with 95% intervals";
  }

  /** {@code 45.0 [35.6, 54.8]}, or of a published figure the figure and a dagger. */
  static String cell(Optional<Cell> cell) {
    return cell.map(ComparisonText::cell).orElse(NOTHING);
  }

  static String cell(Cell cell) {
    return cell instanceof Measured measured
        ? String.format(
            Locale.ROOT, "%.1f [%.1f, %.1f]", measured.percent(), measured.low(), measured.high())
        : asPublished(cell.percent()) + " †";
  }

  /** With the digits that it was published with. */
  private static String asPublished(double percent) {
    return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
  }

  /** What was measured on how much, and where each published figure comes from. */
  static List<String> notes(Comparison comparison) {
    Set<String> notes = new LinkedHashSet<>();
    for (Row row : comparison.rows()) {
      for (String dataset : comparison.datasets()) {
        row.cell(dataset).ifPresent(cell -> notes.add(note(row, dataset, cell)));
      }
    }
    return List.copyOf(notes);
  }

  private static String note(Row row, String dataset, Cell cell) {
    if (cell instanceof Published published) {
      return "† published, not measured here: "
          + published.figure().model()
          + ", "
          + published.figure().how()
          + ", "
          + published.figure().source();
    }
    Measured measured = (Measured) cell;
    return row.model()
        + " on "
        + dataset
        + ": "
        + measured.problems()
        + " problems, "
        + measured.samples()
        + (measured.samples() == 1 ? " sample each" : " samples each");
  }

  private static int[] widths(List<List<String>> table) {
    int[] widths = new int[table.get(0).size()];
    for (List<String> line : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return widths;
  }

  private static String padded(List<String> line, int[] widths) {
    StringBuilder padded = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      padded.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
    }
    return padded.toString().stripTrailing();
  }
}
