package ai.falaj.jobs.eval.compare;

import static ai.falaj.jobs.eval.compare.Markup.escaped;
import static ai.falaj.jobs.eval.compare.Markup.format;
import static ai.falaj.jobs.eval.compare.Markup.isolated;

import ai.falaj.jobs.eval.compare.Comparison.Cell;
import ai.falaj.jobs.eval.compare.Comparison.Measured;
import ai.falaj.jobs.eval.compare.Comparison.Published;
import ai.falaj.jobs.eval.compare.Comparison.Row;
import ai.falaj.jobs.terminal.DisplayText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A comparison as a picture: a panel for each data set that was measured, a line for each model,
 * the best first, a dot with its interval for what was measured and a hollow diamond for what was
 * published. Everything in one file; colours follow the reader's light or dark scheme and are told
 * apart by colour-blind readers too (Okabe and Ito); shapes and words say the same as colours.
 * Pure.
 */
public final class ComparisonSvg {

  private static final int WIDTH = 800;
  private static final int LABEL_WIDTH = 264;
  private static final int LABEL_GAP = 16;
  private static final int VALUE_WIDTH = 130;
  private static final int ROW_HEIGHT = 26;
  private static final int LINE_HEIGHT = 15;
  private static final int PANEL_HEAD = 40;
  private static final int PANEL_FOOT = 30;
  private static final int TOP = 56;
  private static final int LEGEND_HEIGHT = 40;
  private static final int TICK = 20;

  /** Terminal cells of a label's line: even capitals fit. */
  private static final int LABEL_CELLS = 28;

  private static final int MAX_LABEL_LINES = 3;

  private static final String STYLE =
      """
      .page { fill: #ffffff }
      text { font: 13px system-ui, sans-serif; fill: #222222 }
      .title { font-size: 17px; font-weight: 600 }
      .dataset { font-size: 14px; font-weight: 600 }
      .tick { font-size: 11px; fill: #595959 }
      .grid { stroke: #d9d9d9; stroke-width: 1 }
      .measured { fill: #0072b2; stroke: #0072b2 }
      .interval { stroke: #0072b2; stroke-width: 2 }
      .published { fill: none; stroke: #b34700; stroke-width: 2 }
      @media (prefers-color-scheme: dark) {
        .page { fill: #16181c }
        text { fill: #ececec }
        .tick { fill: #b5b5b5 }
        .grid { stroke: #3a3d42 }
        .measured { fill: #56b4e9; stroke: #56b4e9 }
        .interval { stroke: #56b4e9 }
        .published { stroke: #f0a94b }
      }
      """;

  private final Comparison comparison;
  private final List<String> datasets;
  private final StringBuilder svg = new StringBuilder();

  private ComparisonSvg(Comparison comparison) {
    this.comparison = comparison;
    this.datasets = comparison.measuredDatasets();
  }

  /** The whole document. */
  public static String draw(Comparison comparison) {
    return new ComparisonSvg(comparison).document();
  }

  private String document() {
    int height = TOP + LEGEND_HEIGHT;
    for (String dataset : datasets) {
      height += panelHeight(dataset);
    }
    String title = ComparisonText.title(comparison);
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" role=\"img\" aria-labelledby=\"falaj-eval-title"
                + " falaj-eval-description\">%n",
            WIDTH, height, WIDTH, height));
    svg.append(format("<title id=\"falaj-eval-title\">%s</title>%n", escaped(title)));
    svg.append(format("<desc id=\"falaj-eval-description\">%s</desc>%n", escaped(description())));
    svg.append("<style>\n").append(STYLE).append("</style>\n");
    svg.append(format("<rect class=\"page\" width=\"%d\" height=\"%d\"/>%n", WIDTH, height));
    text("title", 16, 30, "start", title);
    int y = TOP;
    for (String dataset : datasets) {
      panel(dataset, y);
      y += panelHeight(dataset);
    }
    legend(y + LEGEND_HEIGHT / 2);
    return svg.append("</svg>\n").toString();
  }

  /** All figures in words, for who cannot see the picture. */
  private String description() {
    StringBuilder words = new StringBuilder();
    for (String dataset : comparison.datasets()) {
      words.append(isolated(dataset)).append(": ");
      for (Row row : comparison.rows()) {
        row.cell(dataset)
            .ifPresent(
                cell ->
                    words
                        .append(isolated(row.model()))
                        .append(' ')
                        .append(ComparisonText.cell(cell))
                        .append("; "));
      }
    }
    return words.toString().strip();
  }

  private int panelHeight(String dataset) {
    return PANEL_HEAD
        + comparison.ranking(dataset).stream().mapToInt(ComparisonSvg::rowHeight).sum()
        + PANEL_FOOT;
  }

  private static int rowHeight(Row row) {
    return ROW_HEIGHT + (label(row).size() - 1) * LINE_HEIGHT;
  }

  /** The model's name in lines. */
  private static List<String> label(Row row) {
    List<String> lines = DisplayText.wrap(row.model(), LABEL_CELLS);
    if (lines.size() <= MAX_LABEL_LINES) {
      return lines;
    }
    List<String> first = new ArrayList<>(lines.subList(0, MAX_LABEL_LINES));
    String last = first.get(MAX_LABEL_LINES - 1);
    first.set(MAX_LABEL_LINES - 1, DisplayText.clip(last + " " + last, LABEL_CELLS));
    return first;
  }

  private void panel(String dataset, int top) {
    text("dataset", 16, top + 20, "start", isolated(dataset));
    int bottom = top + panelHeight(dataset) - PANEL_FOOT;
    for (int percent = 0; percent <= 100; percent += TICK) {
      line("grid", x(percent), top + PANEL_HEAD - 8, x(percent), bottom);
      text("tick", x(percent), bottom + 16, "middle", percent + "%");
    }
    int rowTop = top + PANEL_HEAD;
    for (Row row : comparison.ranking(dataset)) {
      Optional<Cell> cell = row.cell(dataset);
      List<String> label = label(row);
      int y = rowTop + rowHeight(row) / 2;
      svg.append("<g>");
      svg.append(
          format(
              "<title>%s</title>%n",
              escaped(
                  isolated(row.model())
                      + ", "
                      + isolated(dataset)
                      + ": "
                      + ComparisonText.cell(cell))));
      int lineY = y + 4 - (label.size() - 1) * LINE_HEIGHT / 2;
      for (String line : label) {
        text("", LABEL_WIDTH - LABEL_GAP, lineY, "end", isolated(line));
        lineY += LINE_HEIGHT;
      }
      mark(cell.orElseThrow(), y);
      text("", WIDTH - VALUE_WIDTH + 8, y + 4, "start", ComparisonText.cell(cell));
      svg.append("</g>\n");
      rowTop += rowHeight(row);
    }
  }

  private void mark(Cell cell, double y) {
    double centre = x(cell.percent());
    if (cell instanceof Measured measured) {
      line("interval", x(measured.low()), y, x(measured.high()), y);
      line("interval", x(measured.low()), y - 4, x(measured.low()), y + 4);
      line("interval", x(measured.high()), y - 4, x(measured.high()), y + 4);
      svg.append(
          format("<circle class=\"measured\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>%n", centre, y));
    } else {
      diamond(centre, y);
    }
  }

  private void diamond(double x, double y) {
    svg.append(format("<path class=\"published\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"/>%n", x, y - 6));
  }

  private void legend(int y) {
    svg.append(format("<circle class=\"measured\" cx=\"22\" cy=\"%d\" r=\"5\"/>%n", y));
    text("", 34, y + 4, "start", "measured, with its 95% interval");
    List<Published> published =
        datasets.stream()
            .flatMap(
                dataset -> comparison.rows().stream().flatMap(row -> row.cell(dataset).stream()))
            .filter(Published.class::isInstance)
            .map(Published.class::cast)
            .toList();
    if (!published.isEmpty()) {
      String marks =
          published.stream()
              .map(ComparisonText::mark)
              .distinct()
              .sorted()
              .collect(Collectors.joining(", "));
      diamond(292, y);
      text("", 306, y + 4, "start", marks + " published by others, not measured here");
    }
  }

  private static double x(double percent) {
    return LABEL_WIDTH + percent / 100 * (WIDTH - LABEL_WIDTH - VALUE_WIDTH - 10);
  }

  private void line(String style, double x1, double y1, double x2, double y2) {
    svg.append(
        format(
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
            style, x1, y1, x2, y2));
  }

  private void text(String style, double x, double y, String anchor, String content) {
    svg.append(
        format(
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            style, x, y, anchor, escaped(content)));
  }
}
