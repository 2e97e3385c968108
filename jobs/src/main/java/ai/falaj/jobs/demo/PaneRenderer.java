package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.demo.DemoState.Pane;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.jobs.terminal.Line;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws one pane: a rule with the request's name and tokens, the prompt, and the end of the text so
 * far, reasoning dimmed. Pure.
 */
final class PaneRenderer {

  private PaneRenderer() {}

  static List<Line> render(Pane pane, int width, int rows) {
    List<Line> lines = new ArrayList<>();
    lines.add(rule(pane, width));
    if (rows > 2) {
      lines.add(Line.of(Style.CYAN, DisplayText.clip("› " + pane.title(), width)));
    }
    List<Line> text = text(pane, width, rows);
    int room = Math.max(0, rows - lines.size());
    lines.addAll(text.subList(Math.max(0, text.size() - room), text.size()));
    return lines;
  }

  private static Line rule(Pane pane, int width) {
    String tokens = " " + pane.tokens() + " tok ─";
    String label = DisplayText.clip(pane.label(), Math.max(1, width - tokens.length() - 6));
    int fill = Math.max(1, width - DisplayText.width(label) - tokens.length() - 5);
    return Line.of(Style.DIM, "─ ")
        .plus(style(pane), symbol(pane))
        .plus(" ")
        .plus(Style.BOLD, label)
        .plus(Style.DIM, " " + "─".repeat(fill) + tokens);
  }

  private static String symbol(Pane pane) {
    return switch (pane.status()) {
      case WAITING -> "·";
      case STREAMING -> "▸";
      case COMPLETED -> "✓";
      case DEAD_LETTERED -> "✗";
    };
  }

  private static Style style(Pane pane) {
    return switch (pane.status()) {
      case WAITING -> Style.DIM;
      case STREAMING -> Style.YELLOW;
      case COMPLETED -> Style.GREEN;
      case DEAD_LETTERED -> Style.RED;
    };
  }

  private static List<Line> text(Pane pane, int width, int rows) {
    List<Line> lines = new ArrayList<>();
    wrapEnd(pane.reasoning(), width, rows).forEach(text -> lines.add(Line.of(Style.DIM, text)));
    wrapEnd(pane.answer(), width, rows).forEach(text -> lines.add(Line.of(text)));
    if (pane.status() == TrackedRequest.Status.DEAD_LETTERED) {
      wrapEnd(pane.note(), width, rows).forEach(text -> lines.add(Line.of(Style.RED, text)));
    }
    return lines;
  }

  /** Wraps no more than what can fill the rows: a long reasoning costs no more than a short one. */
  private static List<String> wrapEnd(String text, int width, int rows) {
    if (text.isBlank()) {
      return List.of();
    }
    // In whole steps, so that lines do not break elsewhere in every picture.
    int step = 4 * width * rows;
    int start = Math.max(0, text.length() / step - 1) * step;
    if (start > 0 && Character.isLowSurrogate(text.charAt(start))) {
      start++;
    }
    List<String> lines = DisplayText.wrap(text.substring(start), width);
    return lines.stream().skip(Math.max(0, lines.size() - rows)).toList();
  }
}
