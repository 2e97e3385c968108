package ai.falaj.jobs.terminal;

import ai.falaj.jobs.cli.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** One line of a picture: pieces of text, each in one style. Immutable. */
public record Line(List<Span> spans) {

  public static final Line EMPTY = new Line(List.of());

  public Line {
    spans = List.copyOf(spans);
  }

  /** Text in one style, or in the terminal's own. */
  public record Span(String text, Optional<Style> style) {
    public Span {
      Objects.requireNonNull(text, "text");
      Objects.requireNonNull(style, "style");
    }
  }

  public static Line of(String text) {
    return EMPTY.plus(text);
  }

  public static Line of(Style style, String text) {
    return EMPTY.plus(style, text);
  }

  public Line plus(String text) {
    return with(new Span(text, Optional.empty()));
  }

  public Line plus(Style style, String text) {
    return with(new Span(text, Optional.of(style)));
  }

  public Line plus(Line other) {
    List<Span> all = new ArrayList<>(spans);
    all.addAll(other.spans);
    return new Line(all);
  }

  private Line with(Span span) {
    List<Span> all = new ArrayList<>(spans);
    all.add(span);
    return new Line(all);
  }

  /** Cells that the line takes. */
  public int width() {
    return spans.stream().mapToInt(span -> DisplayText.width(span.text())).sum();
  }

  /** The line in exactly so many cells: clipped, or filled with blanks. */
  public Line fitted(int cells) {
    List<Span> fitted = new ArrayList<>();
    int left = cells;
    for (Span span : spans) {
      if (left == 0) {
        break;
      }
      String text = DisplayText.clip(span.text(), left);
      fitted.add(new Span(text, span.style()));
      left -= DisplayText.width(text);
      if (!text.equals(span.text())) {
        break;
      }
    }
    if (left > 0) {
      fitted.add(new Span(" ".repeat(left), Optional.empty()));
    }
    return new Line(fitted);
  }

  /** The characters alone. */
  public String text() {
    return spans.stream().map(Span::text).collect(Collectors.joining());
  }

  /** The characters with their styles as escape sequences. */
  public String styled() {
    return spans.stream()
        .map(span -> span.style().map(style -> style.apply(span.text())).orElse(span.text()))
        .collect(Collectors.joining());
  }
}
