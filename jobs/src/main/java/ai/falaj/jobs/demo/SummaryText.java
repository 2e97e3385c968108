package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.terminal.BlockChart;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.jobs.terminal.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The summary for people. Pure. */
final class SummaryText {

  private static final int NAME_CELLS = 21;
  private static final int CHART_ROWS = 6;
  private static final int CHART_MARGIN = 20;
  private static final int LONGEST_CHART = 96;
  private static final int LABELS_NAMED = 8;

  private SummaryText() {}

  /**
   * The lines from the verdict to the next commands.
   *
   * @param pages those that there are besides, by name
   * @param bootstrapOption what to append to commands so that they find the broker; empty where
   *     they find it by themselves
   */
  static List<Line> lines(
      DemoSummary summary,
      Connection connection,
      Map<String, String> pages,
      String bootstrapOption,
      int width) {
    List<Line> lines = new ArrayList<>();
    lines.add(verdict(summary));
    lines.add(Line.EMPTY);
    lines.addAll(figures(summary));
    lines.add(Line.EMPTY);
    lines.addAll(chart(summary, width));
    lines.addAll(tasks(summary));
    lines.add(Line.EMPTY);
    lines.addAll(places(connection, pages));
    lines.add(Line.EMPTY);
    lines.addAll(next(bootstrapOption));
    return lines;
  }

  private static Line verdict(DemoSummary summary) {
    String counts =
        summary.prompts()
            + " prompts, "
            + summary.completed()
            + " completions, "
            + summary.deadLettered()
            + " dead letters";
    if (summary.isExact()) {
      return Line.of(Style.GREEN, "✓ ")
          .plus(Style.BOLD, counts)
          .plus(": every prompt has exactly one result");
    }
    String problems =
        problem(summary.missing(), " without a result: ")
            + problem(summary.repeated(), " with more than one result: ");
    return Line.of(Style.RED, "✗ ").plus(Style.BOLD, counts).plus(Style.RED, problems);
  }

  private static String problem(List<String> labels, String what) {
    if (labels.isEmpty()) {
      return "";
    }
    String named = labels.stream().limit(LABELS_NAMED).collect(Collectors.joining(", "));
    return ", " + labels.size() + what + named + (labels.size() > LABELS_NAMED ? " ..." : "");
  }

  private static List<Line> figures(DemoSummary summary) {
    DemoSummary.Tokens tokens = summary.tokens();
    String reasons =
        summary.finishReasons().entrySet().stream()
            .map(reason -> reason.getValue() + " " + reason.getKey())
            .collect(Collectors.joining(", "));
    return List.of(
        figure("model", summary.model()),
        figure("finish reasons", reasons.isEmpty() ? "none" : reasons),
        figure(
            "prompt tokens",
            format("%,d", tokens.prompt())
                + (tokens.cached() == 0 ? "" : format(" (%,d of them cached)", tokens.cached()))),
        figure(
            "completion tokens",
            format("%,d", tokens.completion())
                + (tokens.reasoning() == 0
                    ? ""
                    : format(" (%,d of them reasoning)", tokens.reasoning()))),
        figure(
            "tokens per second",
            format("%,.0f", summary.tokensPerSecond())
                + format(
                    " over %.1f s, from the first prompt to the last token", summary.seconds())),
        figure(
            "time to first token",
            spread(summary.clientTimeToFirstTokenMs()) + "  client, Kafka included"),
        figure("", spread(summary.jobTimeToFirstTokenMs()) + "  job, without Kafka"));
  }

  private static Line figure(String name, String value) {
    return Line.of("  ").plus(Style.DIM, DisplayText.pad(name, NAME_CELLS)).plus(value);
  }

  private static String spread(DemoSummary.Spread spread) {
    return "p50 " + ms(spread.p50()) + "  p95 " + ms(spread.p95());
  }

  private static String ms(Long value) {
    return value == null ? "     -   " : format("%,6d ms", value);
  }

  private static List<Line> chart(DemoSummary summary, int width) {
    DemoSummary.Batches batches = summary.batches();
    if (batches.max() == 0) {
      return List.of();
    }
    String what =
        batches.what().equals("batch")
            ? "sequences per engine step"
            : "requests whose text is being written, as this client sees it";
    List<Line> lines = new ArrayList<>();
    lines.add(
        Line.of("  ")
            .plus(Style.BOLD, "batch size over time")
            .plus(
                Style.DIM,
                format(" (%s; mean %.1f, most %.1f)", what, batches.mean(), batches.max())));
    int columns = Math.max(10, Math.min(LONGEST_CHART, width - CHART_MARGIN));
    double seconds = batches.values().size() * batches.periodMs() / 1e3;
    BlockChart.columns(batches.values(), seconds, columns, CHART_ROWS)
        .forEach(line -> lines.add(Line.of("  ").plus(Style.CYAN, line)));
    lines.add(Line.EMPTY);
    return lines;
  }

  private static List<Line> tasks(DemoSummary summary) {
    List<Line> lines = new ArrayList<>();
    lines.add(
        Line.of("  ").plus(Style.DIM, row("task", "requests", "completed", "tokens", "median")));
    for (DemoSummary.TaskRow task : summary.tasks()) {
      lines.add(
          Line.of("  ")
              .plus(
                  row(
                      task.task(),
                      String.valueOf(task.requests()),
                      String.valueOf(task.completed()),
                      format("%,d", task.completionTokens()),
                      task.medianTotalMs() == null
                          ? "-"
                          : format("%,d ms", task.medianTotalMs()))));
    }
    return lines;
  }

  private static String row(
      String task, String requests, String completed, String tokens, String median) {
    return DisplayText.pad(task, 14)
        + DisplayText.padLeft(requests, 9)
        + DisplayText.padLeft(completed, 11)
        + DisplayText.padLeft(tokens, 9)
        + DisplayText.padLeft(median, 12);
  }

  private static List<Line> places(Connection connection, Map<String, String> pages) {
    List<Line> lines = new ArrayList<>();
    lines.add(figure("topics", connection.topic(RecordKind.PROMPTS)));
    lines.add(
        figure(
            "",
            "→ "
                + connection.topic(RecordKind.CHUNKS)
                + ", "
                + connection.topic(RecordKind.COMPLETIONS)
                + ", "
                + connection.topic(RecordKind.DEAD_LETTERS)));
    lines.add(figure("Kafka", connection.bootstrapServers()));
    lines.add(figure("schema registry", connection.registry().displayUrls()));
    pages.forEach((name, url) -> lines.add(figure(name, url)));
    return lines;
  }

  private static List<Line> next(String bootstrapOption) {
    return List.of(
        figure("next", "falaj prompt \"Why do dates grow in oases?\"" + bootstrapOption),
        figure("", "falaj consume completions" + bootstrapOption),
        figure("", "falaj produce examples/tickets.jsonl" + bootstrapOption));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
