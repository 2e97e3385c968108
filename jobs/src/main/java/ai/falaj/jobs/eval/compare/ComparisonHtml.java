package ai.falaj.jobs.eval.compare;

import static ai.falaj.jobs.eval.compare.Markup.escaped;
import static ai.falaj.jobs.eval.compare.Markup.format;

import ai.falaj.jobs.eval.compare.Comparison.Published;
import ai.falaj.jobs.eval.compare.Comparison.Row;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A comparison as a page: the table, the picture and the sources. One file, no script, nothing
 * fetched; light or dark as the reader has it. Pure.
 */
public final class ComparisonHtml {

  private static final String STYLE =
      """
      :root { color-scheme: light dark }
      html { background: #ffffff }
      @media (prefers-color-scheme: dark) { html { background: #16181c } }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
      .scroll { overflow-x: auto }
      table { border-collapse: collapse }
      caption { text-align: start; font-weight: 600; padding-block: .5rem }
      th, td { padding: .35rem .9rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
      th { text-align: start }
      td { font-variant-numeric: tabular-nums; white-space: nowrap }
      tr.published { font-style: italic }
      svg { max-width: 100%; min-width: 36rem; height: auto; margin-block: 1.5rem }
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
    region("Chart", page);
    page.append(ComparisonSvg.draw(comparison)).append("</div>\n");
    page.append("<h2>What the figures are</h2>\n<ul>\n");
    ComparisonText.notes(comparison, Markup::isolated)
        .forEach(note -> page.append(format("<li>%s</li>%n", linked(escaped(note), comparison))));
    return page.append("</ul>\n</main>\n</body>\n</html>\n").toString();
  }

  /** What is too wide for a small screen is moved and not made small. */
  private static void region(String name, StringBuilder page) {
    page.append(
        format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">%n", name));
  }

  private static String linked(String note, Comparison comparison) {
    String linked = note;
    for (String source : sources(comparison)) {
      String address = escaped(source);
      linked = linked.replace(address, format("<a href=\"%s\">%s</a>", address, address));
    }
    return linked;
  }

  private static Set<String> sources(Comparison comparison) {
    return comparison.rows().stream()
        .flatMap(row -> row.cells().values().stream())
        .filter(Published.class::isInstance)
        .map(cell -> ((Published) cell).figure().source())
        .filter(source -> source.matches("https?://\\S+"))
        .collect(Collectors.toSet());
  }

  private static void table(Comparison comparison, String title, StringBuilder page) {
    region("Table", page);
    page.append(format("<table>%n<caption>%s</caption>%n", escaped(title)));
    page.append("<thead><tr><th scope=\"col\">model</th>");
    comparison
        .datasets()
        .forEach(
            name -> page.append(format("<th scope=\"col\"><bdi>%s</bdi></th>", escaped(name))));
    page.append("</tr></thead>\n<tbody>\n");
    for (Row row : comparison.rows()) {
      page.append(row.isPublished() ? "<tr class=\"published\">" : "<tr>");
      page.append(format("<th scope=\"row\"><bdi>%s</bdi></th>", escaped(row.model())));
      for (String dataset : comparison.datasets()) {
        page.append(format("<td>%s</td>", escaped(ComparisonText.cell(row.cell(dataset)))));
      }
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table>\n</div>\n");
  }
}
