package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.eval.compare.Comparison.Cell;
import ai.falaj.jobs.eval.compare.Comparison.Measured;
import ai.falaj.jobs.eval.compare.Comparison.Published;
import ai.falaj.jobs.eval.compare.Comparison.Row;
import ai.falaj.jobs.terminal.DisplayText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A comparison as a table for terminals, and the wording that all its forms share. Pure. */
public final class ComparisonText {

  private static final String NOTHING = "-";
  private static final String PUBLISHED = "†";
  private static final String UNCHECKED = "‡";

  private ComparisonText() {}

  public static List<String> lines(Comparison comparison) {
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("model"));
    comparison.datasets().forEach(dataset -> head.add(marked(dataset)));
    table.add(head);
    for (Row row : comparison.rows()) {
      List<String> line = new ArrayList<>(List.of(marked(row.model())));
      comparison.datasets().forEach(dataset -> line.add(cell(row.cell(dataset))));
      table.add(line);
    }
    List<String> lines = new ArrayList<>(List.of(title(comparison), ""));
    int[] widths = widths(table);
    table.forEach(line -> lines.add(padded(line, widths)));
    List<String> notes = notes(comparison, ComparisonText::marked);
    if (!notes.isEmpty()) {
      lines.add("");
      lines.addAll(notes);
    }
    return lines;
  }

  /** Keeps a terminal from exchanging it with what follows. */
  private static String marked(String name) {
    return name + DisplayText.columnMark(name);
  }

  static String title(Comparison comparison) {
    return comparison.metric().title() + " in percent, with 95% intervals";
  }

  /** {@code 45.0 [35.6, 54.8]}, or of a published figure the figure and its mark. */
  static String cell(Optional<Cell> cell) {
    return cell.map(ComparisonText::cell).orElse(NOTHING);
  }

  static String cell(Cell cell) {
    return cell instanceof Measured measured
        ? String.format(
            Locale.ROOT, "%.1f [%.1f, %.1f]", measured.percent(), measured.low(), measured.high())
        : asPublished(cell.percent()) + " " + mark((Published) cell);
  }

  /** A dagger, or two where nobody compared it with its source. */
  static String mark(Published published) {
    return published.figure().checked() == null ? UNCHECKED : PUBLISHED;
  }

  /** With the digits that it was published with. */
  private static String asPublished(double percent) {
    return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
  }

  /**
   * What was measured on how much, and where each published figure comes from.
   *
   * @param name how names of models and data sets are written
   */
  static List<String> notes(Comparison comparison, UnaryOperator<String> name) {
    Set<String> notes = new LinkedHashSet<>();
    for (Row row : comparison.rows()) {
      for (String dataset : comparison.datasets()) {
        row.cell(dataset).ifPresent(cell -> notes.add(note(row, dataset, cell, name)));
      }
    }
    return List.copyOf(notes);
  }

  private static String note(Row row, String dataset, Cell cell, UnaryOperator<String> name) {
    if (cell instanceof Published published) {
      PublishedFigure figure = published.figure();
      return mark(published)
          + " published, not measured here: "
          + name.apply(figure.model())
          + ", "
          + figure.how()
          + ", "
          + figure.source()
          + (figure.checked() == null
              ? ", not compared with it"
              : ", found there in " + figure.checked());
    }
    Measured measured = (Measured) cell;
    return name.apply(row.model())
        + " on "
        + name.apply(dataset)
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
        widths[i] = Math.max(widths[i], DisplayText.width(line.get(i)));
      }
    }
    return widths;
  }

  private static String padded(List<String> line, int[] widths) {
    StringBuilder padded = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      padded.append(DisplayText.pad(line.get(i), widths[i] + 2));
    }
    return padded.toString().stripTrailing();
  }
}
