package ai.falaj.jobs.enrich.run;

import static ai.falaj.jobs.enrich.run.ReportText.format;

import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import ai.falaj.jobs.eval.compare.Markup;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes a report as a page and as JSON. The page is one file, without scripts, and fetches
 * nothing; light or dark as the reader has it. Bars are drawn, and every number stands beside its
 * bar.
 */
final class ReportPages {

  private static final int BAR_WIDTH = 240;

  private static final String STYLE =
      """
      :root { color-scheme: light dark }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
      .scroll { overflow-x: auto }
      table { border-collapse: collapse; margin-block: .5rem 1.5rem }
      caption { text-align: start; font-weight: 600; padding-block: .5rem }
      th, td { padding: .25rem .9rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
      th { text-align: start; font-weight: 500 }
      td { font-variant-numeric: tabular-nums }
      td.number { text-align: end; white-space: nowrap }
      rect { fill: #0072b2 }
      @media (prefers-color-scheme: dark) { rect { fill: #56b4e9 } }
      pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
      """;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ReportPages() {}

  /**
   * @return the page, and the JSON
   */
  static List<Path> write(EnrichmentReport report, Path folder) throws IOException {
    Files.createDirectories(folder);
    Path page = Files.writeString(folder.resolve("report.html"), page(report));
    Path json = Files.writeString(folder.resolve("report.json"), MAPPER.writeValueAsString(report));
    return List.of(page, json);
  }

  static String page(EnrichmentReport report) {
    StringBuilder page = new StringBuilder();
    String title = Markup.escaped("Enrichment " + report.name());
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.append(
        format("<title>%s</title>%n<style>%n%s</style>%n</head>%n<body>%n<main>%n", title, STYLE));
    page.append(format("<h1>%s</h1>%n", title));
    page.append(
        format(
            "<p>%s → %s</p>%n", Markup.escaped(report.input()), Markup.escaped(report.output())));
    ReportText.lines(report)
        .subList(0, 2)
        .forEach(line -> page.append(format("<p>%s</p>%n", Markup.escaped(line))));
    bars(page, "Failures by code", report.errors(), Function.identity());
    report
        .values()
        .forEach((field, counts) -> bars(page, "Values of " + field, counts, Function.identity()));
    lengths(page, "Tokens of prompts", report.promptTokens());
    lengths(page, "Tokens of answers", report.completionTokens());
    lengths(page, "Milliseconds from question to answer", report.latencyMs());
    bars(page, "Answers by what made them", report.provenance(), Function.identity());
    samples(page, report.samples());
    return page.append("</main>\n</body>\n</html>\n").toString();
  }

  private static void lengths(
      StringBuilder page, String caption, EnrichmentReport.Lengths lengths) {
    bars(
        page,
        format(
            "%s: mean %,.1f, half up to %,d, 95%% up to %,d, 99%% up to %,d, most %,d",
            caption, lengths.mean(), lengths.p50(), lengths.p95(), lengths.p99(), lengths.most()),
        lengths.counts(),
        end -> format("to %,d", end));
  }

  private static <K> void bars(
      StringBuilder page, String caption, Map<K, Long> counts, Function<K, String> label) {
    if (counts.isEmpty()) {
      return;
    }
    long most = Math.max(1, counts.values().stream().mapToLong(Long::longValue).max().orElse(1));
    page.append(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">\n<table>\n");
    page.append(format("<caption>%s</caption>%n", Markup.escaped(caption)));
    counts.forEach(
        (key, number) ->
            page.append(
                format(
                    "<tr><th scope=\"row\">%s</th><td class=\"number\">%,d</td><td><svg width=\"%d\" height=\"12\" aria-hidden=\"true\"><rect width=\"%.1f\" height=\"12\"/></svg></td></tr>%n",
                    Markup.escaped(label.apply(key)),
                    number,
                    BAR_WIDTH,
                    (double) BAR_WIDTH * number / most)));
    page.append("</table>\n</div>\n");
  }

  private static void samples(StringBuilder page, List<EnrichmentTotals.Sample> samples) {
    if (samples == null) {
      return;
    }
    page.append("<h2>Samples</h2>\n");
    for (EnrichmentTotals.Sample sample : samples) {
      page.append(
          format(
              "<pre>%s</pre>%n",
              Markup.escaped(sample.record().toPrettyString().replace("\n", "  "))));
      if (sample.error() != null) {
        page.append(format("<p>%s</p>%n", Markup.escaped(sample.error())));
      }
    }
  }
}
