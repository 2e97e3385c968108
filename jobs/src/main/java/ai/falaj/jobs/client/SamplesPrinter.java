package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints several answers to one prompt: in columns beside each other where the terminal has room,
 * else one below the other. Confined to one thread.
 */
final class SamplesPrinter {

  private static final int LEAST_COLUMN_CELLS = 28;
  private static final String GAP = "  ";

  private final Console console;

  SamplesPrinter(Console console) {
    this.console = console;
  }

  void print(List<ShownSample> samples) {
    int columns = console.terminal().columns();
    int cells = (columns - (samples.size() - 1) * GAP.length()) / samples.size();
    if (console.terminal().outputIsTerminal() && cells >= LEAST_COLUMN_CELLS) {
      printColumns(samples, cells);
    } else {
      samples.forEach(sample -> printBelow(sample, samples.size()));
    }
  }

  private void printBelow(ShownSample sample, int count) {
    console.say(console.styled(Style.BOLD, "--- " + heading(sample, count)));
    if (!sample.reasoning().isEmpty()) {
      console.say(console.styled(Style.DIM, "<think>\n" + safe(sample.reasoning()) + "\n</think>"));
    }
    console.say(safe(sample.answer()));
  }

  private void printColumns(List<ShownSample> samples, int cells) {
    List<List<String>> columns = new ArrayList<>();
    for (ShownSample sample : samples) {
      columns.add(column(sample, samples.size(), cells));
    }
    int height = columns.stream().mapToInt(List::size).max().orElse(0);
    for (int row = 0; row < height; row++) {
      StringBuilder line = new StringBuilder();
      for (List<String> column : columns) {
        String text = row < column.size() ? column.get(row) : "";
        line.append(line.isEmpty() ? "" : GAP)
            .append(styled(column, row, DisplayText.pad(text, cells)))
            .append(DisplayText.columnMark(text));
      }
      console.say(line.toString().stripTrailing());
    }
  }

  /** Heading, reasoning and a blank line after it, answer. */
  private static List<String> column(ShownSample sample, int count, int cells) {
    List<String> lines = new ArrayList<>();
    lines.add(heading(sample, count));
    if (!sample.reasoning().isEmpty()) {
      lines.add("<think>");
      lines.addAll(DisplayText.wrap(sample.reasoning().strip(), cells));
      lines.add("</think>");
    }
    lines.addAll(DisplayText.wrap(sample.answer().strip(), cells));
    return lines;
  }

  private String styled(List<String> column, int row, String text) {
    if (row == 0) {
      return console.styled(Style.BOLD, text);
    }
    return row <= column.indexOf("</think>") ? console.styled(Style.DIM, text) : text;
  }

  private static String heading(ShownSample sample, int count) {
    return "sample %d of %d · %d %s · %s"
        .formatted(
            sample.index() + 1,
            count,
            sample.tokens(),
            sample.tokens() == 1 ? "token" : "tokens",
            sample.finishReason());
  }

  private String safe(String text) {
    return console.terminal().outputIsTerminal() ? DisplayText.safe(text) : text;
  }
}
