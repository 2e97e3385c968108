package ai.falaj.jobs.eval.compare;

import static ai.falaj.jobs.eval.compare.Markup.escaped;
import static ai.falaj.jobs.eval.compare.Markup.format;

import ai.falaj.jobs.eval.compare.Comparison.Row;

/**
 * A comparison as a page: the table, the picture and the sources. One file, no script, nothing
 * fetched; light or dark as the reader has it. Pure.
 */
public final class ComparisonHtml {

  private static final String STYLE =
      """
      :root { color-scheme: light dark }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
      .scroll { overflow-x: auto }
      table { border-collapse: collapse }
      caption { text-align: start; font-weight: 600; padding-block: .5rem }
      th, td { padding: .35rem .9rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
      th { text-align: start }
      td { font-variant-numeric: tabular-nums; white-space: nowrap }
      tr.published { font-style: italic }
      svg { max-width: 100%; height: auto }
      li { overflow-wrap: anywhere }
      """;

  private ComparisonHtml() {}

  /** The whole page. */
  public static String page(Comparison comparison) {
    String title = ComparisonText.title(comparison);
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.append(format("<title>%s</title>%n", escaped(title)));
    page.append("<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n<main>\n");
    page.append("<h1>Models compared</h1>\n");
    table(comparison, title, page);
    page.append(ComparisonSvg.draw(comparison));
    page.append("<h2>What the figures are</h2>\n<ul>\n");
    ComparisonText.notes(comparison)
        .forEach(note -> page.append(format("<li>%s</li>%n", escaped(note))));
    return page.append("</ul>\n</main>\n</body>\n</html>\n").toString();
  }

  private static void table(Comparison comparison, String title, StringBuilder page) {
    page.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">\n");
    page.append(format("<table>%n<caption>%s</caption>%n", escaped(title)));
    page.append("<thead><tr><th scope=\"col\">model</th>");
    comparison
        .datasets()
        .forEach(name -> page.append(format("<th scope=\"col\">%s</th>", escaped(name))));
    page.append("</tr></thead>\n<tbody>\n");
    for (Row row : comparison.rows()) {
      boolean published =
          row.cells().values().stream().anyMatch(Comparison.Published.class::isInstance);
      page.append(published ? "<tr class=\"published\">" : "<tr>");
      page.append(format("<th scope=\"row\">%s</th>", escaped(row.model())));
      for (String dataset : comparison.datasets()) {
        page.append(format("<td>%s</td>", escaped(ComparisonText.cell(row.cell(dataset)))));
      }
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table>\n</div>\n");
  }
}
